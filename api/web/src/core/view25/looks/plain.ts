// What has no look of its own: a neutral box with its name, so that nothing of a line is invisible.
import { DECK, PLATE, type Component } from "../rig.ts";
import type { Stage } from "../stage.ts";

export function plainLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const { palette } = brush;
  const v = c.belt ? -stage.rig.width / 2 - 0.09 : 0;
  const top = c.belt ? DECK + 0.05 : PLATE + 0.1;
  stage.add(c.frame, 0, v + 0.04, top, () => {
    brush.box(c.frame, [-0.045, 0.045, v - 0.04, v + 0.04, PLATE, top], palette.metal);
    brush.text(c.frame.world(0, v, top + 0.04), stage.title(c), 0.036, palette.dim, 11);
  });
}
