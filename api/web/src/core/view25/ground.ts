// How much ground each kind covers and how high it rises: base plates and the size of the picture follow from it.
import type { LayoutStation } from "../protocol.ts";
import type { Point } from "./camera.ts";
import { seenAbove } from "./camera.ts";
import { pathOf, topOfReach } from "./reach.ts";
import { BELTS, type Component, DECK, PLATE, type Rig, size } from "./rig.ts";
import { craneEnd, rackFrame, rackShape, spanOf, topOf } from "./shelf.ts";
import { pipeHeight, tableOf, tankRadius } from "./sizes.ts";

type Ground = [u0: number, u1: number, v0: number, v1: number];
type Measure<T> = (rig: Rig, c: Component) => T;

const SMALL: Ground = [-0.05, 0.05, -0.06, 0.06];
/** Parts of larger things, and what is only a place. */
export const UNSEEN = new Set(["axis", "spot", "track_node", "agv_dock", "agv_charger", "agv"]);

const square = (half: number): Ground => [-half, half, -half, half];
const belt: Measure<Ground> = (rig, c) => [0, rig.length(c), -rig.across(c) / 2 - 0.06, rig.across(c) / 2 + 0.07];
const deck: Measure<Ground> = (_rig, c) => square(size(c, "length", 0.2) / 2 + 0.03);
const head: Measure<Ground> = (rig) => [-0.05, 0.05, -Math.max(rig.width / 2, rig.size) - 0.11, 0.06];
const beside: Measure<Ground> = (rig) => [-0.03, 0.03, -rig.width / 2 - 0.2, rig.width / 2 + 0.1];

const GROUND: Record<string, Measure<Ground>> = {
  belt,
  roller_conveyor: belt,
  transfer: deck,
  turntable: deck,
  elevator: deck,
  spindle: () => [-0.1, 0.1, -0.3, 0.15],
  ejector: beside,
  pusher: beside,
  feeder: () => [-0.14, 0.05, -0.06, 0.06],
  supply: (rig, c) => [-0.2, 0, -rig.across(c) / 2, rig.across(c) / 2],
  collection: (rig) => [-0.1, 0.1, 0, rig.width / 2 + 0.16],
  bin: () => square(0.1),
  rack: (rig, c) => [...spanOf(rackShape(rig, c)), -0.06, 0.06],
  crane: (rig, c) => [-0.1, craneEnd(rig, c), -0.05, 0.05],
  tank: (_rig, c) => square(tankRadius(c) + 0.03),
  valve: (rig, c) => (rig.named(c, "source")[0] ? [-0.06, 0.06, -0.05, 0.1] : [-0.06, 0.06, -0.17, 0.06]),
  heater: () => [-0.13, 0.13, -0.1, 0.12],
  oven: () => [-0.15, 0.15, -0.13, 0.32],
  machining_centre: () => [-0.21, 0.21, -0.19, 0.2],
  robot: () => square(0.13),
  diverter: beside,
  palletizer: (rig) => [-0.15, 0.15, -rig.width / 2 - 0.1, rig.width / 2 + 0.45],
  air_supply: () => [-0.16, 0.16, -0.08, 0.1],
  air_meter: () => [-0.09, 0.09, -0.04, 0.05],
  motor: () => [-0.08, 0.11, -0.05, 0.06],
  energy_meter: () => [-0.08, 0.08, -0.04, 0.05],
  consumer: () => [-0.06, 0.06, -0.04, 0.15],
  capper: head,
  drill_unit: head,
  press: head,
  filler: head,
  index_table: (rig, c) => square(tableOf(rig, c).radius + rig.size * 0.8),
};

const TOPS: Record<string, Measure<number>> = {
  rack: (rig, c) => topOf(rackShape(rig, c)) - 0.02,
  elevator: (_rig, c) => DECK + Math.max(...levelsOf(c)) + 0.3,
  tank: (_rig, c) => PLATE + 0.1 + size(c, "height", 0.3),
  valve: (rig, c) => pipeHeight(rig, c) + 0.15,
  flow_meter: (rig, c) => pipeHeight(rig, rig.named(c, "on")[0] ?? c) + 0.11,
  display: () => 0.4,
  push_button: () => 0.4,
  selector: () => 0.4,
  estop_button: () => 0.4,
  press: (rig) => DECK + rig.tallest + 0.26,
  drill_unit: (rig) => DECK + rig.tallest + 0.26,
  linear_axis: (rig, c) => topOfReach(rig, c) + 0.06,
  spindle: () => 0.46,
  camera: () => DECK + 0.27,
  filler: (rig) => DECK + rig.tallest + 0.24,
  capper: (rig) => DECK + rig.tallest + 0.26,
  stack_light: () => 0.42,
  heater: () => 0.36,
  oven: () => 0.46,
  air_supply: () => 0.4,
  palletizer: (rig, c) => Math.max(DECK + 0.34, PLATE + 0.2 + (size(c, "layers", 3) + 1) * rig.tallest),
  machining_centre: () => 0.58,
  robot: (_rig, c) => size(c, "shoulder", 0.33) + size(c, "upper_arm", 0.3) + 0.05,
  energy_meter: () => 0.32,
};

export function levelsOf(c: Component): number[] {
  const levels = c.parameters["levels"];
  return Array.isArray(levels) && levels.length > 0 ? levels : [0];
}

/** The ground that a component covers, as corners on the floor plan. */
export function groundOf(rig: Rig, c: Component): Point[] {
  const path = pathOf(rig, c);
  if (path) return path;
  const [u0, u1, v0, v1] = GROUND[c.kind]?.(rig, c) ?? SMALL;
  const frame = c.kind === "rack" ? rackFrame(rig, c) : c.frame;
  const corner = (u: number, v: number): Point => frame.world(u, v).slice(0, 2) as Point;
  return [corner(u0, v0), corner(u1, v0), corner(u1, v1), corner(u0, v1)];
}

const CABINET = { half: 0.12, deep: 0.16, step: 0.05 };

/** Where along the back edge of a plate its cabinet hides least and is hidden least, and how far the plate must reach
 * back for it: the metres east of its left end, and north of its back edge. */
export function placeCabinet(grounds: Point[][], [west, north, east]: number[]): { u: number; free: number } {
  const boxes = grounds.map((points) => [Math.min(...points.map((p) => p[0])), Math.min(...points.map((p) => p[1])), Math.max(...points.map((p) => p[0]))]);
  const [x0 = 0, y0 = 0, x1 = 1] = [west, north, east];
  let best = { u: CABINET.half, cost: Infinity, free: 0 };
  for (let u = CABINET.half; u <= Math.max(CABINET.half, x1 - x0 - CABINET.half); u += CABINET.step) {
    const over = boxes.filter(([w = 0, , e = 0]) => w < x0 + u + CABINET.half && e > x0 + u - CABINET.half);
    const near = over.filter(([, n = 0]) => n < y0 + CABINET.deep);
    // narrow things near the edge count most, belts least, and the left end is as good a place as any
    const cost = over.reduce((sum, [w = 0, n = 0, e = 0]) => sum + (e - w < 0.4 ? 2 : 0.5) / (0.3 + n - y0), 0) + near.length + u;
    if (cost < best.cost - 1e-9) best = { u, cost, free: near.length > 0 ? CABINET.deep - 0.02 : 0 };
  }
  return best;
}

/** How high something at the back edge would have to be to reach as far up in the picture as the highest thing does. */
export function summit(rig: Rig, north: number): number {
  const tops = [...rig.components.values()].map((c) => {
    const top = c.frame.z + (TOPS[c.kind]?.(rig, c) ?? (BELTS.includes(c.kind) ? DECK + rig.tallest : 0.3));
    const y = Math.min(...groundOf(rig, c).map((p) => p[1]));
    return seenAbove(y - north, top);
  });
  return Math.max(0, ...tops);
}

/** Plates in one row get one depth, and meet where they would overlap. */
export function row(plates: LayoutStation[]): LayoutStation[] {
  const made = [...plates].sort((a, b) => a.x - b.x);
  const top = Math.max(...made.map((s) => s.y));
  const bottom = Math.min(...made.map((s) => s.y + s.h));
  if (top >= bottom) return made; // not a row
  const [north, south] = [Math.min(...made.map((s) => s.y)), Math.max(...made.map((s) => s.y + s.h))];
  made.forEach((s, i) => {
    [s.y, s.h] = [north, south - north];
    const next = made[i + 1];
    if (!next || s.x + s.w <= next.x) return;
    const seam = (s.x + s.w + next.x) / 2;
    next.w += next.x - seam;
    [s.w, next.x] = [seam - s.x, seam];
  });
  return made;
}
