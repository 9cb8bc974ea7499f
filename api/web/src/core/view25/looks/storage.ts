// High-bay rack and stacker crane: the crane's frame is theirs, u along its path from the belt's end.
import type { Brush, Frame } from "../brush.ts";
import { partColour } from "../palette.ts";
import { drawPart } from "../part.ts";
import { type Component, DECK, PLATE, type Rig } from "../rig.ts";
import { type RackShape, cellOf, craneEnd, cranePose, craneShape, rackFrame, rackShape, spanOf, topOf } from "../shelf.ts";
import type { Stage } from "../stage.ts";

const DEEP = 0.05; // half the depth of a rack
const SHELF = 0.008;

function uprights(shape: RackShape): number[] {
  const [from, to] = spanOf(shape);
  return Array.from({ length: shape.columns.length + 1 }, (_, i) => from + ((to - from) * i) / shape.columns.length);
}

export function rackStill(rig: Rig, brush: Brush, c: Component): void {
  const shape = rackShape(rig, c);
  const f = rackFrame(rig, c);
  const [from, to] = spanOf(shape);
  const top = topOf(shape);
  brush.shadow(f, [from, to, -DEEP, DEEP, 0, top * 0.8], PLATE);
  for (const u of uprights(shape)) {
    brush.box(f, [u - 0.006, u + 0.006, -DEEP, -DEEP + 0.012, PLATE, top], brush.palette.dark);
  }
  const wall = [f.world(from, -DEEP, PLATE), f.world(to, -DEEP, PLATE), f.world(to, -DEEP, top), f.world(from, -DEEP, top)];
  brush.face(wall, brush.palette.glass);
  if (shape.dispatch !== null) tray(brush, f, shape.dispatch);
}

/** Where the crane lays down what leaves the line. */
function tray(brush: Brush, f: Frame, u: number): void {
  brush.shadow(f, [u - 0.05, u + 0.05, -DEEP, DEEP, 0, DECK], PLATE);
  brush.box(f, [u - 0.035, u + 0.035, -0.03, 0.03, PLATE, DECK - 0.012], brush.palette.dark);
  brush.box(f, [u - 0.05, u + 0.05, -DEEP, DEEP, DECK - 0.012, DECK], brush.palette.metal);
}

export function rackLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const shape = rackShape(rig, c);
  const f = rackFrame(rig, c);
  const [from, to] = spanOf(shape);
  const middle = (from + to) / 2;
  shape.rows.forEach((height, r) => stage.add(f, middle, 0, DECK + height, () => shelf(stage, c, shape, r)));
  stage.add(f, middle, DEEP, topOf(shape), () => {
    const top = topOf(shape);
    for (const u of uprights(shape)) brush.box(f, [u - 0.006, u + 0.006, DEEP - 0.012, DEEP, PLATE, top], brush.palette.metal);
    brush.box(f, [from - 0.006, to + 0.006, DEEP - 0.012, DEEP, top, top + 0.01], brush.palette.metal);
  });
}

function shelf(stage: Stage, c: Component, shape: RackShape, row: number): void {
  const { brush, rig } = stage;
  const f = rackFrame(rig, c);
  const z = DECK + (shape.rows[row] ?? 0);
  brush.box(f, [...spanOf(shape), -DEEP, DEEP, z - SHELF, z], brush.palette.dark);
  for (const part of stage.scene.contents(c.name, stage.t)) {
    const place = part.place.at(stage.t);
    const [column, at] = cellOf(place[0] === "in" ? place[2] : null, shape);
    if (at !== row) continue;
    const colour = partColour(rig.layout.part.colours, part.colour);
    drawPart(brush, f.moved(shape.columns[column] ?? 0), z, rig.size, rig.heightOf(part.kind), colour, part.verdict);
  }
}

export function craneLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const f = c.frame;
  const pose = cranePose(rig, c, stage.scene, stage.t);
  const { rack, x, z, fork: arm } = craneShape(rig, c);
  const shape = rack && rackShape(rig, rack);
  const mast = shape ? topOf(shape) + 0.04 : 0.45;
  const end = craneEnd(rig, c);
  const u = pose.u;
  stage.add(f, end / 2, -0.04, PLATE, () => {
    stage.credit(x?.name, () => brush.box(f, [-0.1, end, -0.012, 0.012, PLATE, PLATE + 0.014], palette.dark));
  });
  stage.add(f, u, 0.03, 0.3, () => {
    brush.box(f, [u - 0.085, u + 0.085, -0.03, 0.03, PLATE + 0.014, PLATE + 0.05], palette.dark);
    brush.box(f, [u - 0.07, u - 0.054, -0.01, 0.01, PLATE + 0.05, mast], palette.bright);
    stage.credit(arm?.name, () => fork(stage, c, pose));
    stage.credit(z?.name, () => brush.box(f, [u + 0.054, u + 0.07, -0.01, 0.01, PLATE + 0.05, mast], palette.bright));
    brush.box(f, [u - 0.078, u + 0.078, -0.014, 0.014, mast, mast + 0.02], palette.metal);
  });
}

/** The carriage between the masts, the fork on it and what lies on the fork. */
function fork(stage: Stage, c: Component, { u, z, v }: { u: number; z: number; v: number }): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  brush.box(c.frame, [u - 0.054, u + 0.054, -0.02, 0.02, z - 0.034, z - 0.012], palette.metal);
  brush.box(c.frame, [u - 0.026, u + 0.026, Math.min(-0.03, v - 0.03), Math.max(0.03, v + 0.03), z - 0.012, z - 0.002], palette.bright);
  for (const part of stage.scene.contents(c.name, stage.t)) {
    const colour = partColour(rig.layout.part.colours, part.colour);
    drawPart(brush, c.frame.moved(u, v), z, rig.size, rig.heightOf(part.kind), colour, part.verdict);
  }
}
