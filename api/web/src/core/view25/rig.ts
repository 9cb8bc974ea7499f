// The line's geometry made ready for drawing: frames of components, who belongs to whom, where a part is. No canvas.
import type { Layout, LayoutComponent, LayoutStation, Place } from "../protocol.ts";
import type { Part, Scene } from "../scene.ts";
import { Frame } from "./brush.ts";
import type { Extent, Point, Point3 } from "./camera.ts";
import { UNSEEN, groundOf, placeCabinet, row, summit } from "./ground.ts";
import { heldAt } from "./hold.ts";

/** Height of a base plate and of a belt's surface above the floor, metres. */
export const PLATE = 0.03;
export const DECK = 0.15;
export const BELTS = ["belt", "roller_conveyor"];
const MARGIN = 0.1;
const EDGE = 0.05;
const CABINET_TOP = 0.38; // of the stack light, as if it stood on the back edge
/** How far before its place the middle of a part is that stands there, in lengths of a part. */
const HOLDS_HEAD: Record<string, number> = { clamp: 0.5 };
/** Joins that say on what a component stands. */
const BASES = ["belt", "of", "clamp", "spot", "on"];

export interface Component {
  name: string;
  station: string;
  kind: string;
  given: LayoutComponent;
  frame: Frame;
  /** The belt it works on, null for what stands alone. */
  belt: Component | null;
  /** How many sensors before it in the file look at the same place of the belt. */
  rank: number;
  parameters: Record<string, number | number[]>;
}

/** Where a part is drawn: the centre of its bottom, and its heading. */
export interface Spot {
  at: Point3;
  heading: number;
  /** The component that holds it. */
  holder: Component | null;
  /** Length of the part. */
  size: number;
}

export class Rig {
  readonly components = new Map<string, Component>();
  readonly belts: Component[] = [];
  readonly size: number;
  readonly width: number;
  /** Of the lowest parts and of the highest ones. */
  readonly height: number;
  readonly tallest: number;
  readonly extent: Extent;
  /** Base plates of the stations, tidied: none overlaps another. */
  readonly plates: LayoutStation[];
  /** Where the cabinet of each station stands, metres east. */
  readonly cabinets = new Map<string, number>();
  private readonly namedBy = new Map<string, [user: Component, join: string][]>();

  constructor(readonly layout: Layout) {
    this.size = layout.part.length || 0.06;
    this.width = this.size * 1.75;
    const heights = (layout.part.kinds ?? []).map((kind) => kind.height);
    this.height = heights.length ? Math.min(...heights) : this.size * 0.62;
    this.tallest = heights.length ? Math.max(...heights) : this.height;
    for (const given of layout.components) this.components.set(given.name, stand(given));
    for (const component of this.components.values()) this.note(component);
    for (const component of this.components.values()) this.join(component);
    for (const component of this.components.values()) this.lean(component);
    this.strew();
    this.plates = row(layout.stations.map((s) => this.plate(s)));
    this.belts = this.ofKind(...BELTS);
    this.extent = this.bounds();
  }

  ofKind(...kinds: string[]): Component[] {
    return [...this.components.values()].filter((c) => kinds.includes(c.kind));
  }

  inStation(station: string): Component[] {
    return [...this.components.values()].filter((c) => c.station === station);
  }

  /** The components that a join of this one names, in its order. */
  named(component: Component, join: string): Component[] {
    const names = component.given.joins?.[join] ?? [];
    return names.map((name) => this.components.get(name)).filter((c): c is Component => c !== undefined);
  }

  /** The components of a kind that this one is joined to. */
  joined(component: Component, kind: string): Component[] {
    const forth = Object.values(component.given.joins ?? {}).flat();
    return forth.map((name) => this.components.get(name)).filter((c): c is Component => c?.kind === kind);
  }

  /** Who names this component, and under which join. */
  users(component: Component): [user: Component, join: string][] {
    return this.namedBy.get(component.name) ?? [];
  }

  length(belt: Component): number {
    return single(belt.parameters["length"]) ?? 1;
  }

  /** Length of the parts on a belt. */
  sizeOn(belt: Component | null): number {
    return (belt && single(belt.parameters["part_length"])) || this.size;
  }

  /** Width of a belt, or of the belt that a component works on. */
  across(c: Component): number {
    return Math.max(this.width, this.sizeOn(BELTS.includes(c.kind) ? c : c.belt) * 1.04);
  }

  /** Height of a part of this kind; 0 is the kind of lines that tell none apart. */
  heightOf(kind: number): number {
    return this.layout.part.kinds?.[kind - 1]?.height ?? this.height;
  }

  /** Head of a part on its belt in metres, null where it does not lie on one. */
  head(place: Place, scene: Scene, t: number): [belt: Component, head: number] | null {
    if (place[0] !== "ride" && place[0] !== "rest") return null;
    const belt = this.components.get(place[1]);
    if (!belt) return null;
    const travelled = place[0] === "ride" ? scene.position(place[1], t) : 0;
    const head = (place[2] + travelled) / 1000;
    // the head runs out over the next belt until the tail leaves this one
    return [belt, Math.max(0, Math.min(head, this.length(belt) + this.sizeOn(belt)))];
  }

  spot(place: Place, scene: Scene, t: number, part?: Part): Spot | null {
    if (place[0] === "gone") return null;
    const riding = this.head(place, scene, t);
    if (riding) {
      const [belt, head] = riding;
      const size = this.sizeOn(belt);
      return { at: belt.frame.world(head - size / 2, 0, DECK), heading: belt.frame.heading, holder: belt, size };
    }
    const holder = this.components.get(place[1]);
    if (!holder || place[0] !== "in") return null;
    const { at, heading } = heldAt({ rig: this, holder, place: place[2], scene, t, height: this.heightOf(part?.kind ?? 0) });
    return { at, heading, holder, size: this.size };
  }

  station(name: string): LayoutStation | undefined {
    return this.plates.find((s) => s.name === name);
  }

  private note(user: Component): void {
    for (const [join, names] of Object.entries(user.given.joins ?? {})) {
      for (const name of names) this.namedBy.set(name, [...(this.namedBy.get(name) ?? []), [user, join]]);
    }
  }

  /** What works on a belt stands at its place along that belt, whatever its own coordinates say. */
  private join(component: Component): void {
    const belt = [...this.named(component, "belt"), ...this.named(component, "of")].find((c) => BELTS.includes(c.kind));
    if (BELTS.includes(component.kind) || !belt) return;
    component.belt = belt;
    const position = component.given.position ?? null;
    if (position !== null) {
      // parts are laid onto the beginning of a belt where a spot names no place
      const at = component.kind === "spot" && position === 0 ? this.size / 2 : position;
      component.frame = belt.frame.moved(at - (HOLDS_HEAD[component.kind] ?? 0) * this.size);
      component.rank = this.rankAt(component, belt, position);
    }
    if (component.kind === "feeder") component.frame = belt.frame.moved(-this.size / 2 - 0.014);
    if (component.kind === "supply") component.frame = belt.frame.moved(0);
    if (component.kind === "crane") component.frame = this.beforeEnd(component, belt);
  }

  private rankAt(component: Component, belt: Component, position: number): number {
    const all = [...this.components.values()];
    const before = all.slice(0, all.indexOf(component)).filter((c) => c.belt === belt && SENSORS.has(c.kind));
    return before.filter((c) => Math.abs((c.given.position ?? 0) - position) < 0.03).length;
  }

  /** A crane's path begins beside the end of its belt, half-way to its rack where the layout has it on the belt. */
  private beforeEnd(crane: Component, belt: Component): Frame {
    const [x, y] = belt.frame.world(this.length(belt) - this.size / 2, 0);
    const [u, v] = crane.frame.local(x, y);
    const rack = this.joined(crane, "rack")[0];
    const aside = rack && Math.abs(v) < this.width ? crane.frame.local(rack.frame.x, rack.frame.y)[1] / 2 : 0;
    return crane.frame.moved(u, aside);
  }

  /** What is joined to something that stands on a belt stands there too: a spindle over its clamp, a head over its spot. */
  private lean(component: Component): void {
    const base = [...this.named(component, "clamp"), ...this.named(component, "spot")][0];
    if (component.belt || !base) return;
    [component.belt, component.frame] = [base.belt, base.frame];
  }

  /** What the layout gives no place and nothing to stand on stands in a row before its station, so that it is seen. */
  private strew(): void {
    const lost = [...this.components.values()].filter((c) => this.isLost(c));
    const placed = [...this.components.values()].filter((c) => !lost.includes(c));
    const south = Math.max(0, ...placed.map((c) => c.frame.y)) + 0.4;
    lost.forEach((c, i) => (c.frame = new Frame(0.4 + i * 0.22, south, 0, 0)));
  }

  private isLost(c: Component): boolean {
    const stands = BASES.some((join) => this.named(c, join).length > 0) || c.frame.x !== 0 || c.frame.y !== 0;
    return !stands && !UNSEEN.has(c.kind) && this.users(c).length === 0;
  }

  /** The base plate of a station: what its components cover, a margin, and room for its cabinet. */
  private plate(s: LayoutStation): LayoutStation {
    const grounds = this.inStation(s.name).flatMap((c) => (UNSEEN.has(c.kind) ? [] : [groundOf(this, c)]));
    if (grounds.length === 0) return { ...s };
    const points = grounds.flat();
    const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
    const [x, y] = [Math.min(...xs) - EDGE, Math.min(...ys) - EDGE];
    const { u, free } = placeCabinet(grounds, [x, y, Math.max(...xs) + EDGE]);
    this.cabinets.set(s.name, x + u);
    return { ...s, x, y: y - free, w: Math.max(...xs) + EDGE - x, h: Math.max(...ys) + EDGE - y + free };
  }

  private bounds(): Extent {
    const loose = [...this.components.values()].filter((c) => !this.plates.some((s) => s.name === c.station));
    const boxes = [...this.plates.map((s) => [s.x, s.y, s.x + s.w, s.y + s.h]), ...loose.map((c) => around(groundOf(this, c)))];
    if (boxes.length === 0) boxes.push([0, 0, ...this.layout.size]);
    const least = (i: number): number => Math.min(...boxes.map((b) => b[i] as number));
    const most = (i: number): number => Math.max(...boxes.map((b) => b[i] as number));
    return [least(0) - MARGIN, least(1), most(2) + MARGIN, most(3) + 0.02, Math.max(this.plates.length ? CABINET_TOP : 0.3, summit(this, least(1)))];
  }
}

/** What looks at a place of a belt from its side. */
const SENSORS = new Set(["photo_eye", "inductive", "capacitive", "colour_sensor", "height_sensor", "light_curtain", "reader"]);

function stand(given: LayoutComponent): Component {
  const frame = new Frame(given.x ?? 0, given.y ?? 0, given.z ?? 0, given.heading ?? 0);
  const parameters = given.parameters ?? {};
  return { name: given.name, station: given.station, kind: given.kind, given, frame, belt: null, rank: 0, parameters };
}

function around(points: Point[]): number[] {
  const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** The floor's base plate as seen from a frame that stands on a higher level. */
export function foot(frame: Frame): number {
  return PLATE - frame.z;
}

/** A parameter that is one number. */
export function single(value: number | number[] | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** A parameter that is one number, or what is usual. */
export function size(c: Component, name: string, usual: number): number {
  return single(c.parameters[name]) ?? usual;
}
