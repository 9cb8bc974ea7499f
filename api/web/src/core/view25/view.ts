// The line view: a canvas that shows a scene. Static scenery has its own layer; at most 30 frames a second, none while
// the page is hidden. Knows the scene and the clock, nothing of pages.
import type { PlayoutClock } from "../clock.ts";
import type { Layout, LayoutStation } from "../protocol.ts";
import type { Part, Scene } from "../scene.ts";
import { Brush, Frame } from "./brush.ts";
import { Camera, type Point } from "./camera.ts";
import { cabinetLive, cabinetStill } from "./cabinet.ts";
import { groundOf } from "./ground.ts";
import { lookOf } from "./kinds.ts";
import { drawSlats } from "./looks/belts.ts";
import { PALETTES, partColour } from "./palette.ts";
import { drawPart } from "./part.ts";
import { BELTS, type Component, PLATE, Rig, type Spot } from "./rig.ts";
import { type Reader, Stage } from "./stage.ts";

const FRAME_MS = 1000 / 30;
const NEAR_PX = 16;
/** Holders that draw what lies in them themselves. */
const DRAWS_CONTENTS = new Set(["bin", "rack", "crane", "source", "machine", "assembly", "buffer", "sink"]);

export type Theme = "dark" | "light";
export type Hit = { part: string } | { component: Component } | { station: string } | null;

export class LineView25 {
  readonly rig: Rig;
  readonly camera: Camera;
  frames = 0;
  /** Milliseconds spent drawing since the beginning. */
  work = 0;
  /** Names of the components of which something is painted inside the picture. */
  readonly drawn = new Set<string>();
  selectedPart: string | null = null;
  selectedStation: string | null = null;
  onFrame: (t: number) => void = () => undefined;
  private theme: Theme = "dark";
  private readonly g: CanvasRenderingContext2D;
  private readonly back: HTMLCanvasElement;
  private stale = true;
  private last = 0;
  private request = 0;
  private ratio = 1;
  private spots = new Map<string, Point>();

  constructor(
    private readonly canvas: HTMLCanvasElement,
    layout: Layout,
    private readonly scene: Scene,
    private readonly clock: PlayoutClock,
    private readonly reader: Reader,
  ) {
    this.rig = new Rig(layout);
    this.camera = new Camera(this.rig.extent);
    this.g = canvas.getContext("2d", { alpha: false }) as CanvasRenderingContext2D;
    this.back = document.createElement("canvas");
    this.loop = this.loop.bind(this);
    this.request = requestAnimationFrame(this.loop);
  }

  resize(width: number, height: number, ratio: number): void {
    this.ratio = Math.min(ratio, 2);
    for (const canvas of [this.canvas, this.back]) {
      canvas.width = Math.max(1, Math.round(width * this.ratio));
      canvas.height = Math.max(1, Math.round(height * this.ratio));
    }
    this.camera.resize(width, height);
    this.redraw();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.redraw();
  }

  /** The scenery must be drawn anew: theme, size or camera changed. */
  redraw(): void {
    this.stale = true;
    this.last = 0;
  }

  /** Where the name of a station belongs, in pixels: the middle of its near edge. */
  anchor(station: LayoutStation): Point {
    return this.camera.project(station.x + station.w / 2, station.y + station.h, 0);
  }

  hit(px: number, py: number): Hit {
    const part = nearest(this.spots, px, py, Math.max(10, this.rig.size * 0.7 * this.camera.pixelsPerMetre));
    if (part) return { part };
    const component = this.componentAt(px, py);
    if (component) return { component };
    const [x, y] = this.camera.floor(px, py);
    const inside = (s: LayoutStation): boolean => x >= s.x && x <= s.x + s.w && y >= s.y && y <= s.y + s.h;
    const station = this.rig.plates.find(inside);
    return station ? { station: station.name } : null;
  }

  dispose(): void {
    cancelAnimationFrame(this.request);
  }

  private componentAt(px: number, py: number): Component | null {
    const points = new Map<string, Point>();
    for (const c of this.rig.components.values()) {
      const belt = BELTS.includes(c.kind);
      points.set(c.name, this.camera.project(...c.frame.world(belt ? this.rig.length(c) / 2 : 0, 0, belt ? 0.1 : 0.17)));
    }
    const name = nearest(points, px, py, NEAR_PX);
    return (name && this.rig.components.get(name)) || null;
  }

  private loop(ms: number): void {
    this.request = requestAnimationFrame(this.loop);
    if (document.hidden || ms - this.last < FRAME_MS - 4) return;
    if (this.last > 0) this.clock.frame(ms - this.last);
    this.last = ms;
    const begun = performance.now();
    this.draw(this.clock.sim(begun / 1000));
    this.frames++;
    this.work += performance.now() - begun;
  }

  private draw(t: number): void {
    if (this.stale) this.drawScenery();
    this.scene.settle(t);
    const g = this.g;
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.drawImage(this.back, 0, 0);
    g.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const brush = new Brush(g, this.camera, PALETTES[this.theme]);
    const stage = new Stage(this.rig, this.scene, brush, t, this.reader, this.headsAt(t), this.spotsAt(t), this.drawn);
    for (const belt of this.rig.belts) drawSlats(stage, belt);
    for (const c of this.rig.components.values()) {
      stage.begin(c.name);
      lookOf(c.kind).live?.(stage, c);
    }
    stage.begin("");
    for (const station of this.rig.plates) cabinetLive(stage, station);
    this.addParts(stage);
    stage.finish();
    this.drawSelection(brush);
    this.onFrame(t);
  }

  private headsAt(t: number): Map<string, number[]> {
    const heads = new Map<string, number[]>();
    for (const part of this.scene.parts.values()) {
      const riding = this.rig.head(part.place.at(t), this.scene, t);
      if (!riding) continue;
      const [belt, head] = riding;
      heads.set(belt.name, [...(heads.get(belt.name) ?? []), head]);
    }
    return heads;
  }

  private spotsAt(t: number): [Part, Spot][] {
    const found: [Part, Spot][] = [];
    for (const part of this.scene.parts.values()) {
      const spot = this.rig.spot(part.place.at(t), this.scene, t, part);
      if (spot) found.push([part, spot]);
    }
    return found;
  }

  private addParts(stage: Stage): void {
    const { layout } = this.rig;
    this.spots.clear();
    for (const [part, spot] of stage.spots) {
      const [x, y, z] = spot.at;
      const height = this.rig.heightOf(part.kind);
      this.spots.set(part.serial, this.camera.project(x, y, z + height / 2));
      if (spot.holder && DRAWS_CONTENTS.has(spot.holder.kind)) continue;
      const at = new Frame(x, y, z, spot.heading);
      const colour = partColour(layout.part.colours, part.colour);
      stage.add(at, 0, 0, height / 2, () => drawPart(stage.brush, at, 0, spot.size, height, colour, part.verdict));
    }
  }

  private drawSelection(brush: Brush): void {
    const point = this.selectedPart === null ? undefined : this.spots.get(this.selectedPart);
    if (!point) return;
    const r = Math.max(11, this.rig.size * 0.8 * this.camera.pixelsPerMetre);
    const g = brush.g;
    g.strokeStyle = brush.palette.accent;
    g.lineWidth = 2;
    g.beginPath();
    g.ellipse(point[0], point[1], r, r * 0.8, 0, 0, 2 * Math.PI);
    g.stroke();
  }

  private drawScenery(): void {
    const g = this.back.getContext("2d", { alpha: false }) as CanvasRenderingContext2D;
    const palette = PALETTES[this.theme];
    g.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    g.fillStyle = palette.background;
    g.fillRect(0, 0, this.camera.width, this.camera.height);
    const brush = new Brush(g, this.camera, palette);
    this.drawFloor(brush);
    const stations = [...this.rig.plates].sort((a, b) => a.y - b.y || a.x - b.x);
    for (const station of stations) this.drawPlate(brush, station);
    this.drawn.clear();
    for (const draw of this.standing(brush)) draw();
    this.stale = false;
  }

  /** What stands still, from the back of the line to its front, and from below to above. */
  private standing(brush: Brush): (() => void)[] {
    const found: [number, () => void][] = [];
    const add = (y: number, owner: string, draw: () => void): void => {
      found.push([y, () => {
        const before = brush.ink;
        draw();
        if (owner && brush.ink > before) this.drawn.add(owner);
      }]);
    };
    for (const c of this.rig.components.values()) {
      const look = lookOf(c.kind);
      const ys = groundOf(this.rig, c).map((p) => p[1]);
      const [north, south] = [Math.min(...ys), Math.max(...ys)];
      add(north, c.name, () => look.back?.(this.rig, brush, c));
      add((north + south) / 2 + c.frame.z, c.name, () => look.still?.(this.rig, brush, c));
    }
    for (const station of this.rig.plates) add(station.y, "", () => cabinetStill(this.rig, brush, station));
    return found.sort((a, b) => a[0] - b[0]).map(([, draw]) => draw);
  }

  private drawFloor(brush: Brush): void {
    const [x0, y0, x1, y1] = this.rig.extent;
    const floor = new Frame(0, 0, 0, 0);
    const [west, east, north, south] = [x0 - 20, x1 + 20, y0 - 0.1, y1 + 20];
    brush.flat(floor, west, east, north, south, 0, brush.palette.floor);
    for (let x = Math.floor(west); x < east; x += 0.5) brush.line([x, north, 0], [x, south, 0], brush.palette.grid);
    for (let y = north; y < south; y += 0.5) brush.line([west, y, 0], [east, y, 0], brush.palette.grid);
  }

  /** The base plate of a station: a slab with grooves, as an aluminium profile plate has. */
  private drawPlate(brush: Brush, s: LayoutStation): void {
    const f = new Frame(s.x, s.y, 0, 0);
    const gap = 0.012;
    const selected = s.name === this.selectedStation;
    brush.shadow(f, [gap, s.w - gap, gap, s.h - gap, 0, 0.12]);
    brush.box(f, [gap, s.w - gap, gap, s.h - gap, 0, PLATE], brush.palette.plate);
    for (let v = 0.08; v < s.h - 0.04; v += 0.08) {
      brush.line(f.world(gap, v, PLATE), f.world(s.w - gap, v, PLATE), brush.palette.groove);
    }
    if (!selected) return;
    const edge = [f.world(gap, gap, PLATE), f.world(s.w - gap, gap, PLATE), f.world(s.w - gap, s.h - gap, PLATE), f.world(gap, s.h - gap, PLATE)];
    edge.forEach((a, i) => brush.line(a, edge[(i + 1) % 4] as typeof a, brush.palette.accent, 2));
  }
}

function nearest(points: Map<string, Point>, px: number, py: number, within: number): string | null {
  let best: string | null = null;
  let least = within;
  for (const [name, [x, y]] of points) {
    const distance = Math.hypot(x - px, y - py);
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

