// Measures that follow from what a layout says of tanks and tables.
import { type Component, type Rig, size } from "./rig.ts";

export const STAND = 0.05; // of a tank over its plate
export const LOW = 0.11; // of the pipes that drain

/** An upright tank of its volume and height. */
export function tankRadius(c: Component): number {
  const area = size(c, "capacity", 5) / 1000 / size(c, "height", 0.3);
  return Math.max(0.06, Math.min(0.3, Math.sqrt(area / Math.PI)));
}

/** The height at which the pipe of a component runs: over the brim of what it fills, at the bottom of what it drains. */
export function pipeHeight(rig: Rig, c: Component): number {
  const to = rig.named(c, "to")[0];
  return to ? 0.06 + STAND + size(to, "height", 0.3) : LOW;
}

export interface Table {
  places: number;
  radius: number;
  /** Direction of place 0 from the centre, degrees clockwise on the map. */
  first: number;
}

/** Places of an indexing table are where its spots stand; without spots they are as near as their parts allow. */
export function tableOf(rig: Rig, table: Component): Table {
  const places = Math.max(2, Math.round(size(table, "places", 6)));
  const spots = rig.ofKind("spot").filter((s) => rig.named(s, "of").includes(table));
  const placed = spots.map((s) => [s.given.x - table.frame.x, s.given.y - table.frame.y, size(s, "place", 0)] as const);
  const seen = placed.find(([x, y]) => Math.hypot(x, y) > 0.02);
  if (!seen) return { places, radius: Math.max(0.12, (rig.size * 1.35 * places) / (2 * Math.PI)), first: table.frame.heading };
  const [x, y, place] = seen;
  return { places, radius: Math.hypot(x, y), first: (Math.atan2(y, x) * 180) / Math.PI - (360 / places) * place };
}

const FEED_WAY = 0.24; // metres that an oven's feeder comes out

/** How far the feeder of an oven is out, metres, where its cylinder is at this share of its stroke. */
export function feedOf(rig: Rig, oven: Component, stroke: (name: string) => number): number {
  const feeder = rig.named(oven, "feeder")[0];
  return feeder ? Math.max(0, Math.min(1, stroke(feeder.name))) * FEED_WAY : 0;
}
