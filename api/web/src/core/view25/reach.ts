// Where a gripper or a cup is: its spots say where the coordinates of its axes lie on the floor plan. No canvas.
import type { Scene } from "../scene.ts";
import type { Point, Point3 } from "./camera.ts";
import { type Component, DECK, type Rig, single, size } from "./rig.ts";
import { tableOf } from "./sizes.ts";

export const GRIPS = ["gripper", "vacuum_cup"];
const CLEAR = 0.1; // of a beam above the highest place of a tip

/** The floor point of coordinates (x, y) is origin + x * along + y * across; `deepest`: z of the lowest spot. */
export interface Reach {
  origin: Point;
  along: Point;
  across: Point;
  deepest: number;
  ground: number;
}

const known = new WeakMap<Component, Reach>();

export function reachOf(rig: Rig, grip: Component): Reach {
  let reach = known.get(grip);
  if (!reach) known.set(grip, (reach = measure(rig, grip)));
  return reach;
}

function measure(rig: Rig, grip: Component): Reach {
  const spots = rig.named(grip, "spots").map((s) => ({ at: floorOf(rig, s), x: size(s, "x", 0), y: size(s, "y", 0), z: size(s, "z", 0), up: s.frame.z }));
  const [x, y] = [rig.named(grip, "x")[0], rig.named(grip, "y")[0]];
  const heading = x?.frame.heading ?? grip.frame.heading;
  const turned = y && y.frame.heading !== heading ? y.frame.heading : heading + 90;
  let along = direction(heading);
  const first = spots[0];
  const far = spots.find((s) => first && Math.abs(s.x - first.x) > 0.01);
  // one axis between spots runs from one to the other, whatever its own heading says
  if (!y && first && far) along = [(far.at[0] - first.at[0]) / (far.x - first.x), (far.at[1] - first.at[1]) / (far.x - first.x)];
  const across = direction(turned);
  const origin: Point = first
    ? [first.at[0] - first.x * along[0] - first.y * across[0], first.at[1] - first.x * along[1] - first.y * across[1]]
    : [grip.frame.x, grip.frame.y];
  return { origin, along, across, deepest: Math.max(0.05, ...spots.map((s) => s.z)), ground: DECK + Math.min(0, ...spots.map((s) => s.up)) };
}

function direction(degrees: number): Point {
  return [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
}

/** Where a spot is on the floor plan: on its belt, over its table's place, or where the layout has it. */
export function floorOf(rig: Rig, spot: Component): Point {
  const table = rig.named(spot, "of").find((c) => c.kind === "index_table");
  if (!table) return [spot.frame.x, spot.frame.y];
  const { places, radius, first } = tableOf(rig, table);
  const [x, y] = direction(first + (360 / places) * size(spot, "place", 0));
  return [table.frame.x + x * radius, table.frame.y + y * radius];
}

/** Metres that a mover stands at: an axis says mm, a cylinder a share of its stroke. */
export function travelled(mover: Component | undefined, scene: Scene, t: number): number {
  if (!mover) return 0;
  const at = scene.position(mover.name, t);
  return mover.kind === "linear_axis" ? at / 1000 : at * size(mover, "stroke", 0.1);
}

/** Floor point of a grip, and how far it is down. */
export function poseOf(rig: Rig, grip: Component, scene: Scene, t: number): { x: number; y: number; down: number; u: number; w: number } {
  const { origin, along, across } = reachOf(rig, grip);
  const [u, w, down] = ["x", "y", "z"].map((join) => travelled(rig.named(grip, join)[0], scene, t)) as [number, number, number];
  return { x: origin[0] + u * along[0] + w * across[0], y: origin[1] + u * along[1] + w * across[1], down, u, w };
}

/** The height of the tip: fully down, it meets the top of a part of this height. */
export function tipHeight(rig: Rig, grip: Component, down: number, height: number): number {
  const { deepest, ground } = reachOf(rig, grip);
  return ground + height + deepest - down;
}

/** Height of the beam that carries a grip. */
export function beamHeight(rig: Rig, grip: Component): number {
  const { deepest, ground } = reachOf(rig, grip);
  return ground + rig.tallest + deepest + CLEAR;
}

/** The grip that an axis or a cylinder carries, and along which of its directions. */
export function carriedBy(rig: Rig, mover: Component): [grip: Component, direction: string] | null {
  const found = rig.users(mover).find(([user, join]) => GRIPS.includes(user.kind) && ["x", "y", "z"].includes(join));
  return found ?? null;
}

/** Ends of an axis or a stroke, in metres. */
export function rangeOf(mover: Component): [number, number] {
  if (mover.kind !== "linear_axis") return [0, size(mover, "stroke", 0.1)];
  return [single(mover.parameters["low"]) ?? 0, single(mover.parameters["high"]) ?? 1];
}

/** The two ends of the beam of a mover along x, on the floor plan. */
export function beamEnds(rig: Rig, grip: Component, mover: Component): [Point, Point] {
  const { origin, along } = reachOf(rig, grip);
  return rangeOf(mover).map((x): Point => [origin[0] + x * along[0], origin[1] + x * along[1]]) as [Point, Point];
}

/** The ground under what is carried, or under a beam; null for everything else. */
export function pathOf(rig: Rig, c: Component): Point[] | null {
  const carried = GRIPS.includes(c.kind) ? ([c, "x"] as const) : MOVERS.has(c.kind) ? carriedBy(rig, c) : null;
  if (!carried) return null;
  const [grip] = carried;
  const x = rig.named(grip, "x")[0];
  const ends: Point[] = x ? beamEnds(rig, grip, x) : [reachOf(rig, grip).origin];
  const y = rig.named(grip, "y")[0];
  const { across } = reachOf(rig, grip);
  const sides = y ? rangeOf(y) : [0];
  return ends.flatMap(([a, b]) => sides.map((w): Point => [a + w * across[0], b + w * across[1]])).concat(ends.map(([a, b]): Point => [a, b - 0.13]));
}

const MOVERS = new Set(["linear_axis", "cylinder", "double_cylinder"]);

export function topOfReach(rig: Rig, mover: Component): number {
  const carried = carriedBy(rig, mover);
  return carried ? beamHeight(rig, carried[0]) : DECK + 0.1;
}

export function tipAt(rig: Rig, grip: Component, scene: Scene, t: number, height: number): Point3 {
  const { x, y, down } = poseOf(rig, grip, scene, t);
  return [x, y, tipHeight(rig, grip, down, height)];
}
