// What every station has at the back of its plate: a control cabinet with the stack light on it.
import type { LayoutStation } from "../protocol.ts";
import { Frame } from "./brush.ts";
import { LAMP, type LampColour, shade } from "./palette.ts";
import { PLATE } from "./rig.ts";
import type { Stage } from "./stage.ts";

const STACK: LampColour[] = ["green", "yellow", "red"]; // from below

export function cabinetLive(stage: Stage, station: LayoutStation): void {
  const { brush } = stage;
  const { palette } = brush;
  // the left end is the free one: belts begin there
  const f = new Frame(station.x + 0.15, station.y + 0.09, 0, 0);
  const top = PLATE + 0.2;
  stage.add(f, 0, 0, 0.1, () => {
    brush.box(f, [-0.09, 0.09, -0.05, 0.05, PLATE, top], palette.dark);
    brush.face([f.world(-0.07, 0.05, top - 0.09), f.world(0.03, 0.05, top - 0.09), f.world(0.03, 0.05, top - 0.02), f.world(-0.07, 0.05, top - 0.02)], palette.rubber);
    brush.post(f, 0.05, 0, 0.006, top, top + 0.05, palette.metal);
    STACK.forEach((colour, i) => {
      const lit = stage.field(`${station.name}.stack_${colour}`) === true;
      const z = top + 0.05 + i * 0.036;
      const paint = lit ? LAMP[colour] : shade(LAMP[colour], 0.34);
      brush.post(f, 0.05, 0, 0.018, z, z + 0.034, paint);
      if (lit) brush.lamp(f.world(0.05, 0.01, z + 0.018), 0.012, LAMP[colour], true);
    });
    brush.post(f, 0.05, 0, 0.014, top + 0.05 + 0.108, top + 0.05 + 0.114, palette.metal);
  });
}
