// A diverter: rows of wheels between the slats of its belt that rise, and carry what comes to the side.
import { pushedTo } from "../hold.ts";
import { type Component, DECK, PLATE, size } from "../rig.ts";
import type { Stage } from "../stage.ts";

const UP = 0.012; // of the wheels over the belt, metres

export function diverterLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const f = c.frame;
  const half = Math.max(0.03, size(c, "reach", 0.05));
  const wide = rig.across(c) / 2 - 0.012;
  const side = pushedTo(rig, c) < 0 ? -1 : 1;
  const lift = stage.stroke(c);
  const z = DECK - 0.006 + lift * UP;
  stage.add(f, 0, -wide, DECK - 0.02, () => {
    const lit = lift > 0.5 && stage.value(c, "run") !== false;
    for (let u = -half + 0.012; u <= half; u += 0.026) {
      for (let v = -wide + 0.01; v <= wide; v += 0.03) {
        brush.line(f.world(u, v - side * 0.009, z), f.world(u, v + side * 0.009, z), lit ? palette.lit : palette.bright, Math.max(2, 0.012 * brush.camera.pixelsPerMetre));
      }
    }
  });
  stage.add(f, 0, side * (wide + 0.03), DECK - 0.01, () => {
    // the slide of rollers to what it feeds
    const to = side * Math.max(wide + 0.06, Math.abs(pushedTo(rig, c)) - rig.size / 2);
    brush.face([f.world(-half, side * (wide + 0.02), DECK - 0.006), f.world(half, side * (wide + 0.02), DECK - 0.006), f.world(half, to, DECK - 0.006), f.world(-half, to, DECK - 0.006)], palette.dark, palette.edge);
    for (let v = wide + 0.03; v < Math.abs(to); v += 0.03) brush.line(f.world(-half, side * v, DECK - 0.005), f.world(half, side * v, DECK - 0.005), palette.metal, 2);
    brush.box(f, [-0.008, 0.008, to - side * 0.02, to, PLATE - f.z, DECK - 0.01], palette.dark);
  });
}
