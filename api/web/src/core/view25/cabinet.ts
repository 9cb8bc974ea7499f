// What every station has at the back of its plate: a control cabinet with the stack light on it.
import type { LayoutStation } from "../protocol.ts";
import { type Brush, Frame } from "./brush.ts";
import { LAMP, type LampColour, shade } from "./palette.ts";
import { PLATE, type Rig } from "./rig.ts";
import type { Stage } from "./stage.ts";

const STACK: LampColour[] = ["green", "yellow", "red"]; // from below

const TOP = PLATE + 0.2;

function standOf(rig: Rig, station: LayoutStation): Frame {
  return new Frame(rig.cabinets.get(station.name) ?? station.x + 0.15, station.y + 0.08, 0, 0);
}

export function cabinetStill(rig: Rig, brush: Brush, station: LayoutStation): void {
  const f = standOf(rig, station);
  brush.shadow(f, [-0.09, 0.09, -0.05, 0.05, 0, TOP], PLATE);
  brush.box(f, [-0.09, 0.09, -0.05, 0.05, PLATE, TOP], brush.palette.dark);
  brush.face([f.world(-0.07, 0.05, TOP - 0.09), f.world(0.03, 0.05, TOP - 0.09), f.world(0.03, 0.05, TOP - 0.02), f.world(-0.07, 0.05, TOP - 0.02)], brush.palette.rubber);
}

export function cabinetLive(stage: Stage, station: LayoutStation): void {
  const { brush } = stage;
  const { palette } = brush;
  const f = standOf(stage.rig, station);
  stage.add(f, 0, 0, TOP, () => {
    const top = TOP;
    brush.post(f, 0.05, 0, 0.006, top, top + 0.05, palette.metal);
    STACK.forEach((colour, i) => {
      const lit = stage.reader.value(`${station.name}.stack_${colour}`) === true;
      const z = top + 0.05 + i * 0.036;
      const paint = lit ? LAMP[colour] : shade(LAMP[colour], 0.34);
      brush.post(f, 0.05, 0, 0.018, z, z + 0.034, paint);
      if (lit) brush.lamp(f.world(0.05, 0.01, z + 0.018), 0.012, LAMP[colour], true);
    });
    brush.post(f, 0.05, 0, 0.014, top + 0.05 + 0.108, top + 0.05 + 0.114, palette.metal);
  });
}
