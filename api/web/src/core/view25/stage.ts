// What a painter of a component gets: the instant, the line at that instant, a brush and a list to sort by depth.
import type { Value } from "../protocol.ts";
import type { Scene } from "../scene.ts";
import type { Brush, Frame } from "./brush.ts";
import { depth } from "./camera.ts";
import type { Component, Rig } from "./rig.ts";

/** The field value of a tag by its name, undefined where there is none. */
export type Field = (tag: string) => Value | undefined;

interface Item {
  depth: number;
  draw: () => void;
}

export class Stage {
  private items: Item[] = [];

  constructor(
    readonly rig: Rig,
    readonly scene: Scene,
    readonly brush: Brush,
    readonly t: number,
    readonly field: Field,
    /** Heads of the parts on each belt at this instant, metres. */
    readonly heads: Map<string, number[]>,
  ) {}

  /** Draw this when everything behind (u, v, z) of the frame has been drawn. */
  add(frame: Frame, u: number, v: number, z: number, draw: () => void): void {
    const [x, y, up] = frame.world(u, v, z);
    this.items.push({ depth: depth(x, y, up), draw });
  }

  finish(): void {
    this.items.sort((a, b) => a.depth - b.depth);
    for (const item of this.items) item.draw();
  }

  /** 0 .. 1 of a stroke. */
  stroke(component: Component): number {
    return Math.max(0, Math.min(1, this.scene.position(component.name, this.t)));
  }

  /** A part lies over this place of the belt. */
  covered(belt: Component, position: number): boolean {
    const heads = this.heads.get(belt.name) ?? [];
    return heads.some((head) => head >= position && head - this.rig.size <= position);
  }

  /** The field says that one of these ports of a component is true. */
  on(component: Component, ...ports: string[]): boolean {
    return ports.some((port) => {
      const suffix = component.given.signals?.[port] ?? port;
      return this.field(suffix ? `${component.name}_${suffix}` : component.name) === true;
    });
  }
}
