// Where a gripper or a cup is: its spots say where the coordinates of its axes lie on the floor plan. No canvas.
import type { Scene } from "../scene.ts";
import type { Point, Point3 } from "./camera.ts";
import { type Component, DECK, type Rig, single, size } from "./rig.ts";
import { tableOf } from "./sizes.ts";

export const GRIPS = ["gripper", "vacuum_cup"];
const CLEAR = 0.1; // of a beam above the highest place of a tip

/** Floor points by coordinates: lines of constant x, ordered, each with its point at y = 0 and its slope along y. */
export interface Reach {
  lines: { x: number; at: Point; slope: Point }[];
  /** A metre of x, where there is one line only. */
  along: Point;
  /** z of the lowest spot, and the height of what parts stand on there. */
  deepest: number;
  ground: number;
}

interface Place {
  at: Point;
  x: number;
  y: number;
}

const known = new WeakMap<Component, Reach>();

export function reachOf(rig: Rig, grip: Component): Reach {
  let reach = known.get(grip);
  if (!reach) known.set(grip, (reach = measure(rig, grip)));
  return reach;
}

/** Axes need not be drawn to the scale of the floor plan: what counts is that the grip is over its spots. */
function measure(rig: Rig, grip: Component): Reach {
  const spots = rig.named(grip, "spots");
  const places: Place[] = spots.map((s) => ({ at: floorOf(rig, s), x: size(s, "x", 0), y: size(s, "y", 0) }));
  if (places.length === 0) places.push({ at: [grip.frame.x, grip.frame.y], x: 0, y: 0 });
  const [x, y] = [rig.named(grip, "x")[0], rig.named(grip, "y")[0]];
  const heading = x?.frame.heading ?? grip.frame.heading;
  const across = direction(y && y.frame.heading !== heading ? y.frame.heading : heading + 90);
  const xs = [...new Set(places.map((p) => p.x))].sort((a, b) => a - b);
  const lines = xs.map((at) => ({ x: at, ...lineOf(places.filter((p) => p.x === at), across) }));
  const [deepest, ground] = [Math.max(0.05, ...spots.map((s) => size(s, "z", 0))), Math.min(...spots.map((s) => s.frame.z), Infinity)];
  return { lines, along: direction(heading), deepest, ground: DECK + (Number.isFinite(ground) ? ground : 0) };
}

function lineOf(places: Place[], across: Point): { at: Point; slope: Point } {
  const [first, far] = [places[0] as Place, places.find((p) => Math.abs(p.y - (places[0] as Place).y) > 0.01)];
  const slope: Point = far ? [(far.at[0] - first.at[0]) / (far.y - first.y), (far.at[1] - first.at[1]) / (far.y - first.y)] : across;
  return { at: [first.at[0] - first.y * slope[0], first.at[1] - first.y * slope[1]], slope };
}

function direction(degrees: number): Point {
  return [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
}

/** The floor point of coordinates (x, y). */
export function floorAt(reach: Reach, x: number, y: number): Point {
  const { lines, along } = reach;
  const on = (k: number): Point => {
    const line = lines[k] as Reach["lines"][number];
    return [line.at[0] + y * line.slope[0], line.at[1] + y * line.slope[1]];
  };
  if (lines.length === 1) {
    const [a, b] = on(0);
    const d = x - (lines[0]?.x ?? 0);
    return [a + d * along[0], b + d * along[1]];
  }
  let k = 0;
  while (k < lines.length - 2 && x > (lines[k + 1]?.x ?? 0)) k++;
  const [x0, x1] = [lines[k]?.x ?? 0, lines[k + 1]?.x ?? 1];
  const share = (x - x0) / (x1 - x0);
  const [[a0, b0], [a1, b1]] = [on(k), on(k + 1)];
  return [a0 + (a1 - a0) * share, b0 + (b1 - b0) * share];
}

const NEAR = 0.35; // of a spot from its place on the belt, to be believed

/** Where a spot is on the floor plan: over its table's place, where the layout has it, or at its place of the belt. */
export function floorOf(rig: Rig, spot: Component): Point {
  const table = rig.named(spot, "of").find((c) => c.kind === "index_table");
  const { x: gx, y: gy } = spot.given;
  if (!table) return Math.hypot(gx - spot.frame.x, gy - spot.frame.y) < NEAR ? [gx, gy] : [spot.frame.x, spot.frame.y];
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
  const [u, w, down] = ["x", "y", "z"].map((join) => travelled(rig.named(grip, join)[0], scene, t)) as [number, number, number];
  const [x, y] = floorAt(reachOf(rig, grip), u, w);
  return { x, y, down, u, w };
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
  const reach = reachOf(rig, grip);
  return rangeOf(mover).map((x) => floorAt(reach, x, 0)) as [Point, Point];
}

/** The ground under what is carried, or under a beam; null for everything else. */
export function pathOf(rig: Rig, c: Component): Point[] | null {
  const carried = GRIPS.includes(c.kind) ? ([c, "x"] as const) : MOVERS.has(c.kind) ? carriedBy(rig, c) : null;
  if (!carried) return null;
  const [grip] = carried;
  const [x, y] = [rig.named(grip, "x")[0], rig.named(grip, "y")[0]];
  const reach = reachOf(rig, grip);
  const xs = x ? rangeOf(x) : reach.lines.map((line) => line.x);
  const far = xs.flatMap((u) => (y ? rangeOf(y) : [0]).map((w) => floorAt(reach, u, w)));
  return [...far, ...xs.map((u) => floorAt(reach, u, 0)).map(([a, b]): Point => [a, b - 0.13])];
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
