// What a painter of a component gets: the instant, the line at that instant, a brush and a list to sort by depth.
import type { Text, Value } from "../protocol.ts";
import type { Part, Scene } from "../scene.ts";
import type { Brush, Frame } from "./brush.ts";
import { depth } from "./camera.ts";
import type { Component, Rig, Spot } from "./rig.ts";

/** What the picture asks of the page: values of tags, and words in the language of its reader. */
export interface Reader {
  /** The field value of a tag by its name, undefined where there is none. */
  value(tag: string): Value | undefined;
  /** A value as the page writes it, with its unit. */
  shown(tag: string): string;
  words(text: Text): string;
}

interface Item {
  depth: number;
  owner: string;
  draw: () => void;
}

export class Stage {
  private items: Item[] = [];
  private owner = "";

  constructor(
    readonly rig: Rig,
    readonly scene: Scene,
    readonly brush: Brush,
    readonly t: number,
    readonly reader: Reader,
    /** Heads of the parts on each belt at this instant, metres. */
    readonly heads: Map<string, number[]>,
    /** Where the parts are at this instant. */
    readonly spots: [Part, Spot][],
    /** Names of the components of which something was painted inside the picture. */
    private readonly drawn: Set<string>,
  ) {}

  /** What is added from now on belongs to this component. */
  begin(owner: string): void {
    this.owner = owner;
  }

  /** Draw this when everything behind (u, v, z) of the frame has been drawn. */
  add(frame: Frame, u: number, v: number, z: number, draw: () => void): void {
    const [x, y, up] = frame.world(u, v, z);
    this.items.push({ depth: depth(x, y, up), owner: this.owner, draw });
  }

  finish(): void {
    this.items.sort((a, b) => a.depth - b.depth);
    for (const item of this.items) this.credit(item.owner, item.draw);
  }

  /** Draw something that belongs to this component: a part of a larger thing. */
  credit(owner: string | undefined, draw: () => void): void {
    const before = this.brush.ink;
    draw();
    if (owner && this.brush.ink > before) this.drawn.add(owner);
  }

  /** 0 .. 1 of a stroke. */
  stroke(component: Component): number {
    return Math.max(0, Math.min(1, this.scene.position(component.name, this.t)));
  }

  /** A part lies over this place of the belt. */
  covered(belt: Component, position: number): boolean {
    const heads = this.heads.get(belt.name) ?? [];
    return heads.some((head) => head >= position && head - this.rig.sizeOn(belt) <= position);
  }

  /** The parts that a component holds, with their places. */
  held(component: Component): [Part, Spot][] {
    return this.spots.filter(([part, spot]) => spot.holder === component && part.place.at(this.t)[0] === "in");
  }

  /** Height of the part that lies over this floor point, if there is one. */
  heightUnder(x: number, y: number): number | null {
    const near = this.rig.size * 0.6;
    const found = this.spots.find(([, { at, holder }]) => Math.hypot(at[0] - x, at[1] - y) < near && holder !== null);
    return found ? this.rig.heightOf(found[0].kind) : null;
  }

  /** The name of the tag of a port, which the line file may have renamed. */
  tag(component: Component, port: string): string {
    const suffix = component.given.signals?.[port] ?? port;
    return suffix ? `${component.name}_${suffix}` : component.name;
  }

  value(component: Component, port: string): Value | undefined {
    return this.reader.value(this.tag(component, port));
  }

  /** The field says that one of these ports of a component is true. */
  on(component: Component, ...ports: string[]): boolean {
    return ports.some((port) => this.value(component, port) === true);
  }

  /** Its title; where another one of its kind is called the same, its name as well. */
  title(component: Component): string {
    const { title } = component.given;
    const same = this.rig.ofKind(component.kind).filter((c) => c.given.title.en === title.en).length > 1;
    const words = this.reader.words(title);
    return same ? `${words} ${component.name.slice(component.name.indexOf(".") + 1)}` : words;
  }
}
