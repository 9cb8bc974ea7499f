// The line's geometry made ready for drawing: frames of components, who belongs to whom, where a part is. No canvas.
import type { Layout, LayoutComponent, LayoutStation, Place } from "../protocol.ts";
import type { Scene } from "../scene.ts";
import { Frame } from "./brush.ts";
import type { Extent, Point, Point3 } from "./camera.ts";

/** Height of a base plate and of a belt's surface above the floor, metres. */
export const PLATE = 0.03;
export const DECK = 0.15;
const MARGIN = 0.1;
/** How far before its place the middle of a part is that stands there, in lengths of a part. */
const HOLDS_HEAD: Record<string, number> = { clamp: 0.5 };

export interface Component {
  name: string;
  station: string;
  kind: string;
  given: LayoutComponent;
  frame: Frame;
  /** The belt it works on, null for what stands alone. */
  belt: Component | null;
  parameters: Record<string, number | number[]>;
}

/** Where a part is drawn: the centre of its bottom, and its heading. */
export interface Spot {
  at: Point3;
  heading: number;
  /** The component that holds it. */
  holder: Component | null;
}

export class Rig {
  readonly components = new Map<string, Component>();
  readonly belts: Component[] = [];
  readonly size: number;
  readonly width: number;
  readonly height: number;
  readonly extent: Extent;
  /** Base plates of the stations, tidied: none overlaps another. */
  readonly plates: LayoutStation[];

  constructor(readonly layout: Layout) {
    this.size = layout.part.length || 0.06;
    this.width = this.size * 1.75;
    this.height = this.size * 0.62;
    for (const given of layout.components) this.components.set(given.name, this.stand(given));
    for (const component of this.components.values()) this.join(component);
    for (const component of this.components.values()) this.lean(component);
    this.plates = row(layout.stations.map((s) => this.plate(s)));
    this.belts = this.ofKind("belt");
    this.extent = this.bounds();
  }

  ofKind(...kinds: string[]): Component[] {
    return [...this.components.values()].filter((c) => kinds.includes(c.kind));
  }

  inStation(station: string): Component[] {
    return [...this.components.values()].filter((c) => c.station === station);
  }

  /** The components that this one is joined to and, by `back`, those that are joined to it. */
  joined(component: Component, kind: string, back = false): Component[] {
    const forth = Object.values(component.given.joins ?? {}).flat();
    const found = forth.map((name) => this.components.get(name)).filter((c): c is Component => c?.kind === kind);
    if (!back) return found;
    return [...found, ...this.ofKind(kind).filter((c) => this.pointsAt(c, component))];
  }

  length(belt: Component): number {
    return single(belt.parameters["length"]) ?? 1;
  }

  /** Head of a part on its belt in metres, null where it does not lie on one. */
  head(place: Place, scene: Scene, t: number): [belt: Component, head: number] | null {
    if (place[0] !== "ride" && place[0] !== "rest") return null;
    const belt = this.components.get(place[1]);
    if (!belt) return null;
    const travelled = place[0] === "ride" ? scene.position(place[1], t) : 0;
    const head = (place[2] + travelled) / 1000;
    // the head runs out over the next belt until the tail leaves this one
    return [belt, Math.max(0, Math.min(head, this.length(belt) + this.size))];
  }

  spot(place: Place, scene: Scene, t: number): Spot | null {
    if (place[0] === "gone") return null;
    const riding = this.head(place, scene, t);
    if (riding) {
      const [belt, head] = riding;
      return { at: belt.frame.world(head - this.size / 2, 0, DECK), heading: belt.frame.heading, holder: belt };
    }
    const holder = this.components.get(place[1]);
    if (!holder || place[0] !== "in") return null;
    const at = this.inside(holder, place[2], scene, t);
    return { at, heading: holder.frame.heading, holder };
  }

  /** Where a component that carries parts has this place. */
  private inside(holder: Component, place: string | number | null, scene: Scene, t: number): Point3 {
    if (holder.kind === "rack") return cellAt(this, holder, place);
    if (holder.kind === "crane") return forkAt(this, holder, scene, t);
    return holder.frame.world(0, 0, DECK);
  }

  station(name: string): LayoutStation | undefined {
    return this.plates.find((s) => s.name === name);
  }

  private stand(given: LayoutComponent): Component {
    const frame = new Frame(given.x ?? 0, given.y ?? 0, given.z ?? 0, given.heading ?? 0);
    const parameters = given.parameters ?? {};
    return { name: given.name, station: given.station, kind: given.kind, given, frame, belt: null, parameters };
  }

  /** What works on a belt stands at its place along that belt, whatever its own coordinates say. */
  private join(component: Component): void {
    const belt = this.joined(component, "belt")[0];
    if (component.kind === "belt" || !belt) return;
    component.belt = belt;
    const position = component.given.position ?? null;
    if (position !== null) component.frame = belt.frame.moved(position - (HOLDS_HEAD[component.kind] ?? 0) * this.size);
    if (component.kind === "feeder") component.frame = belt.frame.moved(-this.size / 2 - 0.014);
    if (component.kind === "crane") component.frame = this.beforeEnd(component, belt);
  }

  /** A crane's path begins beside the end of its belt, half-way to its rack where the layout has it on the belt. */
  private beforeEnd(crane: Component, belt: Component): Frame {
    const [x, y] = belt.frame.world(this.length(belt) - this.size / 2, 0);
    const [u, v] = crane.frame.local(x, y);
    const rack = this.joined(crane, "rack")[0];
    const aside = rack && Math.abs(v) < this.width ? crane.frame.local(rack.frame.x, rack.frame.y)[1] / 2 : 0;
    return crane.frame.moved(u, aside);
  }

  /** What is joined to something that stands on a belt stands there too: a spindle over its clamp. */
  private lean(component: Component): void {
    if (component.kind !== "spindle") return;
    const base = this.joined(component, "clamp")[0];
    if (base?.belt) [component.belt, component.frame] = [base.belt, base.frame];
  }

  private pointsAt(from: Component, to: Component): boolean {
    return Object.values(from.given.joins ?? {}).some((names) => names.includes(to.name));
  }

  /** The ground that a component covers, as corners on the floor plan, by its kind. */
  private ground(c: Component): Point[] {
    const [u0, u1, v0, v1] = GROUND[c.kind]?.(this, c) ?? SMALL;
    const frame = c.kind === "rack" ? rackFrame(this, c) : c.frame;
    const corner = (u: number, v: number): Point => frame.world(u, v).slice(0, 2) as Point;
    return [corner(u0, v0), corner(u1, v0), corner(u1, v1), corner(u0, v1)];
  }

  /** The base plate of a station: what its components cover, and a margin. */
  private plate(s: LayoutStation): LayoutStation {
    const points = this.inStation(s.name).flatMap((c) => (UNSEEN.has(c.kind) ? [] : this.ground(c)));
    if (points.length === 0) return { ...s };
    const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
    const [x, y] = [Math.min(...xs) - EDGE, Math.min(...ys) - EDGE];
    return { ...s, x, y, w: Math.max(...xs) + EDGE - x, h: Math.max(...ys) + EDGE - y };
  }

  private bounds(): Extent {
    const boxes = this.plates.map((s) => [s.x, s.y, s.x + s.w, s.y + s.h]);
    if (boxes.length === 0) boxes.push([0, 0, ...this.layout.size]);
    const least = (i: number): number => Math.min(...boxes.map((b) => b[i] as number));
    const most = (i: number): number => Math.max(...boxes.map((b) => b[i] as number));
    const tallest = Math.max(0.4, ...this.ofKind("rack").map((rack) => topOf(rackShape(this, rack)) - 0.06));
    return [least(0) - MARGIN, least(1), most(2) + MARGIN, most(3) + 0.02, tallest];
  }
}

type Ground = [u0: number, u1: number, v0: number, v1: number];
const EDGE = 0.05;
const SMALL: Ground = [-0.05, 0.05, -0.06, 0.06];
const UNSEEN = new Set(["axis"]);

const GROUND: Record<string, (rig: Rig, c: Component) => Ground> = {
  belt: (rig, c) => [0, rig.length(c), -0.3, 0.17],
  spindle: () => [-0.1, 0.1, -0.3, 0.15],
  ejector: () => [-0.03, 0.03, -0.27, 0.1],
  feeder: () => [-0.14, 0.05, -0.06, 0.06],
  bin: () => [-0.1, 0.1, -0.1, 0.1],
  rack: (rig, c) => [...spanOf(rackShape(rig, c)), -0.06, 0.06],
  crane: (rig, c) => [-0.1, craneEnd(rig, c), -0.05, 0.05],
};

/** A parameter that is one number. */
export function single(value: number | number[] | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** Plates in one row get one depth, and meet where they would overlap. */
function row(plates: LayoutStation[]): LayoutStation[] {
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

// ---- rack and crane: the places of the crane's axes say where cells are -----------------------------------------

/** Distances from the belt's end along the crane's path, and heights above it, of columns and rows. */
export interface RackShape {
  columns: number[];
  rows: number[];
  pitchU: number;
  pitchZ: number;
  /** Where finished parts leave, along the crane's path; null where the axis has no such place. */
  dispatch: number | null;
}

export interface CraneShape {
  x: Component | null;
  z: Component | null;
  fork: Component | null;
  rack: Component | null;
}

export interface CranePose {
  u: number;
  z: number;
  /** Where the fork's tip is, across the path. */
  v: number;
}

export function craneShape(rig: Rig, crane: Component): CraneShape {
  const named = (key: string): Component | null => {
    const name = crane.given.joins?.[key]?.[0];
    return (name && rig.components.get(name)) || null;
  };
  return { x: named("x"), z: named("z"), fork: named("fork"), rack: named("rack") };
}

export function craneOf(rig: Rig, rack: Component): Component | null {
  return rig.ofKind("crane").find((c) => craneShape(rig, c).rack === rack) ?? null;
}

export function rackShape(rig: Rig, rack: Component): RackShape {
  const [columns, rows] = [count(rack, "columns"), count(rack, "rows")];
  const crane = craneOf(rig, rack);
  const shape = crane && craneShape(rig, crane);
  const xs = places(shape?.x, columns, rig.size * 2.1);
  const zs = places(shape?.z, rows, rig.size * 1.9).map((z) => z * flattening(rig, shape?.z ?? null));
  return {
    columns: xs.slice(1, columns + 1),
    rows: zs.slice(1, rows + 1),
    pitchU: Math.abs((xs[2] ?? 2) - (xs[1] ?? 1)),
    pitchZ: Math.abs((zs[2] ?? 2) - (zs[1] ?? 1)),
    dispatch: xs[columns + 1] ?? null,
  };
}

function count(rack: Component, name: string): number {
  return Math.max(1, Math.round(single(rack.parameters[name]) ?? 3));
}

/** The places of an axis from number 0, metres; evenly spaced ones where it names none. */
function places(axis: Component | null | undefined, cells: number, pitch: number): number[] {
  const given = axis?.parameters["positions"];
  if (Array.isArray(given) && given.length > cells) return given;
  return Array.from({ length: cells + 1 }, (_, i) => i * pitch);
}

/** Tall racks are drawn lower than they are, so that the line fills the picture. */
function flattening(rig: Rig, axis: Component | null): number {
  const top = Math.max(...places(axis, 1, rig.size));
  return Math.min(1, TALLEST / (top || 1));
}

const TALLEST = 0.34;

/** From the left edge of the first column to the right edge of the last one, along the crane's path. */
export function spanOf(shape: RackShape): [number, number] {
  const half = Math.min(shape.pitchU, 0.3) / 2;
  return [Math.min(...shape.columns) - half, Math.max(...shape.columns) + half];
}

export function topOf(shape: RackShape): number {
  return DECK + Math.max(...shape.rows) + shape.pitchZ;
}

/** The end of the rails of a crane. */
export function craneEnd(rig: Rig, crane: Component): number {
  const { rack } = craneShape(rig, crane);
  if (!rack) return 0.6;
  const shape = rackShape(rig, rack);
  return Math.max((shape.dispatch ?? 0) + 0.08, spanOf(shape)[1] + 0.06);
}

/** Column and row of a cell, both from 0. Cells count from 1, row by row from the bottom. */
export function cellOf(place: string | number | null, shape: RackShape): [number, number] {
  const cell = Math.max(0, Number(place) - 1) || 0;
  return [cell % shape.columns.length, Math.floor(cell / shape.columns.length)];
}

/** Frame of the rack in which u is the crane's: 0 is the belt's end. */
export function rackFrame(rig: Rig, rack: Component): Frame {
  const crane = craneOf(rig, rack);
  if (!crane) return rack.frame;
  const [, v] = crane.frame.local(rack.frame.x, rack.frame.y);
  return crane.frame.moved(0, v);
}

function cellAt(rig: Rig, rack: Component, place: string | number | null): Point3 {
  const shape = rackShape(rig, rack);
  const [c, r] = cellOf(place, shape);
  return rackFrame(rig, rack).world(shape.columns[c] ?? 0, 0, DECK + (shape.rows[r] ?? 0));
}

export function cranePose(rig: Rig, crane: Component, scene: Scene, t: number): CranePose {
  const { x, z, fork, rack } = craneShape(rig, crane);
  const u = x ? scene.position(x.name, t) / 1000 : 0;
  const reach = fork ? scene.position(fork.name, t) : 0;
  // before the belt's end the fork goes to the belt, elsewhere to the rack
  const aim = Math.abs(u) < 0.03 && crane.belt ? crane.belt.frame : rack?.frame;
  const v = aim ? crane.frame.local(aim.x, aim.y)[1] : -0.15;
  return { u, z: DECK + (z ? (scene.position(z.name, t) / 1000) * flattening(rig, z) : 0), v: v * Math.max(0, Math.min(1, reach)) };
}

function forkAt(rig: Rig, crane: Component, scene: Scene, t: number): Point3 {
  const { u, z, v } = cranePose(rig, crane, scene, t);
  return crane.frame.world(u, v, z);
}
