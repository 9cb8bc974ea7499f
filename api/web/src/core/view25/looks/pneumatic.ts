// Cylinders and what is one in the end: ejector, pusher, clamp, door.
import type { Brush, Frame } from "../brush.ts";
import { pushedTo } from "../hold.ts";
import { type Component, DECK, PLATE, type Rig, foot, size } from "../rig.ts";
import type { Stage } from "../stage.ts";
import { RAIL } from "./belts.ts";
import { BIN_HEIGHT, binHalf } from "./bins.ts";

/** 1: pushes to the right of the flow, -1: to the left. Towards its bin, where it has one. */
function ejectSide(rig: Rig, c: Component): number {
  const bin = rig.joined(c, "bin")[0];
  if (!bin || !c.belt) return 1;
  return c.belt.frame.local(bin.frame.x, bin.frame.y)[1] < 0 ? -1 : 1;
}

export function ejectorStill(rig: Rig, brush: Brush, c: Component): void {
  const side = ejectSide(rig, c);
  const half = rig.across(c) / 2 + RAIL;
  const f = c.frame;
  const [a, b] = [-side * (half + 0.17), -side * (half + 0.045)];
  brush.shadow(f, [-0.02, 0.02, Math.min(a, b), Math.max(a, b), 0, DECK], PLATE);
  const bin = rig.joined(c, "bin")[0];
  if (bin) chute(rig, brush, c, bin, side);
}

/** The slide from the edge of the belt down to the bin. */
function chute(rig: Rig, brush: Brush, c: Component, bin: Component, side: number): void {
  const half = rig.across(c) / 2 + RAIL;
  const [, v] = c.frame.local(bin.frame.x, bin.frame.y);
  const reach = v - side * binHalf(bin);
  const w = rig.size * 0.72;
  const f = c.frame;
  const low = PLATE + BIN_HEIGHT + 0.012;
  if (Math.abs(reach) <= half) return;
  const slide = [
    f.world(-w, side * half, DECK - 0.004), f.world(w, side * half, DECK - 0.004),
    f.world(w, reach, low), f.world(-w, reach, low),
  ];
  brush.face(slide, brush.palette.dark, brush.palette.edge);
}

export function ejectorLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const side = ejectSide(rig, c);
  const half = rig.across(c) / 2 + RAIL;
  const f = c.frame;
  const z = DECK + rig.height * 0.5;
  const home = -side * (half + 0.012);
  const plate = home + side * stage.stroke(c) * (rig.across(c) + 0.02);
  const body: [number, number] = [-side * (half + 0.17), -side * (half + 0.045)];
  stage.add(f, 0, body[1], z, () => {
    brush.box(f, [-0.02, 0.02, ...span(body[0], body[1]), side > 0 ? DECK - 0.02 : foot(f), z - 0.022], palette.dark);
    brush.box(f, [-0.022, 0.022, ...span(body[0], body[1]), z - 0.022, z + 0.022], palette.metal);
    brush.box(f, [-0.024, 0.024, ...span(body[1] - side * 0.02, body[1]), z - 0.024, z + 0.024], palette.bright);
  });
  stage.add(f, 0, plate, z, () => {
    brush.box(f, [-0.005, 0.005, ...span(body[1], plate), z - 0.006, z + 0.004], palette.bright);
    brush.box(f, [-0.026, 0.026, ...span(plate - side * 0.008, plate), z - 0.018, z + 0.014], palette.bright);
  });
}

/** A bistable cylinder that pushes parts off its belt. */
export function pusherLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const way = pushedTo(rig, c);
  const side = way < 0 ? -1 : 1;
  const half = rig.across(c) / 2 + RAIL;
  const f = c.frame;
  const z = DECK + rig.height * 0.5;
  const home = -side * (rig.size / 2 + 0.02);
  const plate = home + way * Math.max(0, scenePush(stage, c));
  const [outer, inner] = [-side * (half + 0.2), -side * (half + 0.03)];
  stage.add(f, 0, inner, z, () => {
    brush.box(f, [-0.02, 0.02, ...span(outer, inner), side > 0 ? DECK - 0.02 : foot(f), z - 0.022], palette.dark);
    brush.box(f, [-0.026, 0.026, ...span(outer, inner), z - 0.024, z + 0.024], palette.metal);
    brush.box(f, [-0.028, 0.028, ...span(inner - side * 0.02, inner), z - 0.026, z + 0.026], palette.bright);
  });
  stage.add(f, 0, plate - side * 0.01, z, () => {
    brush.box(f, [-0.006, 0.006, ...span(inner, plate), z - 0.006, z + 0.006], palette.bright);
    const wide = Math.max(0.03, size(c, "reach", 0.035));
    brush.box(f, [-wide, wide, ...span(plate - side * 0.008, plate), z - 0.02, z + 0.02], palette.bright);
  });
}

/** Share of the way of a part that the plate has gone; before the clearance it meets none. */
function scenePush(stage: Stage, c: Component): number {
  const [stroke, clearance] = [size(c, "stroke", 0.1), size(c, "clearance", 0.02)];
  return (stage.stroke(c) * stroke - clearance) / Math.max(0.01, stroke - clearance);
}

const span = (a: number, b: number): [number, number] => [Math.min(a, b), Math.max(a, b)];

/** A pneumatic cylinder that works across a belt (clamp) or stands alone (lift, door). */
export function cylinderLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const half = c.belt ? rig.across(c) / 2 + RAIL : 0.05;
  const f = c.frame;
  const z = DECK + rig.height * 0.45;
  const reach = half + 0.02 - stage.stroke(c) * (half + 0.02 - rig.size * 0.52);
  stage.add(f, 0, -half - 0.1, z, () => {
    brush.box(f, [-0.018, 0.018, -half - 0.13, -half - 0.03, DECK - 0.02, z - 0.018], palette.dark);
    brush.box(f, [-0.02, 0.02, -half - 0.13, -half - 0.03, z - 0.018, z + 0.02], palette.metal);
    brush.box(f, [-0.005, 0.005, -half - 0.03, -reach, z - 0.005, z + 0.005], palette.bright);
    brush.box(f, [-0.02, 0.02, -reach - 0.01, -reach, z - 0.014, z + 0.014], palette.bright);
  });
}

/** A pane in front of a machine that slides: stroke 1 is closed. */
export function doorLive(stage: Stage, c: Component, f: Frame): void {
  const { brush, rig } = stage;
  const v = rig.across(c) / 2 + 0.085;
  const [low, high] = [DECK - 0.01, DECK + 0.2];
  const lift = (1 - stage.stroke(c)) * (high - low) * 0.86;
  const pane = (u: number, z: number): [number, number, number] => f.world(u, v, z);
  stage.add(f, 0.2, v + 0.02, high, () => {
    for (const u of [-0.16, 0.16]) brush.box(f, [u - 0.008, u + 0.008, v - 0.008, v + 0.008, PLATE, high + 0.17], brush.palette.metal);
    const [a, b] = [low + lift, high + lift];
    brush.face([pane(-0.15, a), pane(0.15, a), pane(0.15, b), pane(-0.15, b)], brush.palette.glass, brush.palette.bright);
    brush.line(pane(-0.05, a + 0.02), pane(0.05, a + 0.02), brush.palette.bright, 2);
  });
}

