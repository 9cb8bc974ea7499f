// Solid shapes on a 2D canvas: boxes and posts in the frame of a component, lit from above left. No state of the line.
import { type Camera, type Point, type Point3, faces } from "./camera.ts";
import { type Palette, shade } from "./palette.ts";

/** Where something stands and where it points: u along the flow, v to its right, z up from the floor. */
export class Frame {
  private readonly cos: number;
  private readonly sin: number;

  constructor(
    readonly x: number,
    readonly y: number,
    readonly z: number,
    readonly heading: number,
  ) {
    this.cos = Math.cos((heading * Math.PI) / 180);
    this.sin = Math.sin((heading * Math.PI) / 180);
  }

  world(u: number, v: number, z = 0): Point3 {
    return [this.x + u * this.cos - v * this.sin, this.y + u * this.sin + v * this.cos, this.z + z];
  }

  /** The frame that stands at (u, v, z) of this one and points the same way. */
  moved(u: number, v = 0, z = 0): Frame {
    const [x, y, up] = this.world(u, v, z);
    return new Frame(x, y, up, this.heading);
  }

  /** The frame at the same place that is turned clockwise. */
  turned(degrees: number): Frame {
    return new Frame(this.x, this.y, this.z, this.heading + degrees);
  }

  /** (u, v) of a point of the floor plan. */
  local(x: number, y: number): Point {
    const [dx, dy] = [x - this.x, y - this.y];
    return [dx * this.cos + dy * this.sin, -dx * this.sin + dy * this.cos];
  }
}

/** From, to along u, v and z. */
export type Box = [u0: number, u1: number, v0: number, v1: number, z0: number, z1: number];

const circle = (sides: number): Point[] =>
  Array.from({ length: sides }, (_, i) => {
    const a = (i / sides) * 2 * Math.PI;
    return [Math.cos(a), Math.sin(a)];
  });
const CIRCLE = circle(10);
const RIM = circle(28);

export class Brush {
  /** How many faces, lines and lamps were painted inside the picture. */
  ink = 0;

  constructor(
    readonly g: CanvasRenderingContext2D,
    readonly camera: Camera,
    readonly palette: Palette,
  ) {}

  box(frame: Frame, [u0, u1, v0, v1, z0, z1]: Box, colour: string): void {
    const corners = [frame.world(u0, v0), frame.world(u1, v0), frame.world(u1, v1), frame.world(u0, v1)];
    this.prism(corners, frame.z + z0, frame.z + z1, colour);
  }

  /** A round post, upright. */
  post(frame: Frame, u: number, v: number, radius: number, z0: number, z1: number, colour: string): void {
    const corners = CIRCLE.map(([a, b]) => frame.world(u + a * radius, v + b * radius));
    this.prism(corners, frame.z + z0, frame.z + z1, colour);
  }

  /** An upright solid on a convex footprint (clockwise as seen on the map): the faces that are seen, then the top. */
  prism(footprint: Point3[], z0: number, z1: number, colour: string): void {
    footprint.forEach((a, i) => {
      const b = footprint[(i + 1) % footprint.length] as Point3;
      const [nx, ny] = [b[1] - a[1], a[0] - b[0]];
      if (!faces(nx, ny)) return;
      const light = 0.6 + (0.24 * Math.max(0, ny)) / Math.hypot(nx, ny);
      this.face([[a[0], a[1], z0], [b[0], b[1], z0], [b[0], b[1], z1], [a[0], a[1], z1]], shade(colour, light));
    });
    this.face(
      footprint.map(([x, y]): Point3 => [x, y, z1]),
      shade(colour, 1.08),
      this.palette.edge,
    );
  }

  face(points: Point3[], fill: string, stroke?: string): void {
    const g = this.g;
    g.beginPath();
    points.forEach(([x, y, z], i) => {
      const [px, py] = this.camera.project(x, y, z);
      if (this.camera.shows(px, py)) this.ink++;
      if (i === 0) g.moveTo(px, py);
      else g.lineTo(px, py);
    });
    g.closePath();
    g.fillStyle = fill;
    g.fill();
    if (stroke) {
      g.strokeStyle = stroke;
      g.lineWidth = 1;
      g.stroke();
    }
  }

  /** A flat rectangle at height z of a frame. */
  flat(frame: Frame, u0: number, u1: number, v0: number, v1: number, z: number, fill: string, stroke?: string): void {
    const at = (u: number, v: number): Point3 => frame.world(u, v, z);
    this.face([at(u0, v0), at(u1, v0), at(u1, v1), at(u0, v1)], fill, stroke);
  }

  line(a: Point3, b: Point3, colour: string, width = 1): void {
    this.path([a, b], colour, width);
  }

  /** A line through several points; a pipe where it is wide. */
  path(points: Point3[], colour: string, width = 1): void {
    const g = this.g;
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.lineJoin = "round";
    g.beginPath();
    points.forEach((point, i) => {
      const [px, py] = this.camera.project(...point);
      if (this.camera.shows(px, py)) this.ink++;
      if (i === 0) g.moveTo(px, py);
      else g.lineTo(px, py);
    });
    g.stroke();
  }

  /** Words in the plane of the picture; `metres` high, but never too small to be read. */
  text(at: Point3, words: string, metres: number, colour: string, least = 10, align: CanvasTextAlign = "center"): void {
    const [px, py] = this.camera.project(...at);
    if (this.camera.shows(px, py)) this.ink++;
    const g = this.g;
    g.font = `700 ${Math.max(least, Math.min(26, metres * this.camera.pixelsPerMetre))}px "Noto Sans CJK SC", sans-serif`;
    g.textAlign = align;
    g.textBaseline = "middle";
    g.fillStyle = colour;
    g.fillText(words, px, py);
  }

  /** An upright disc or its rim: a level, a table. */
  round(frame: Frame, u: number, v: number, radius: number, z: number, fill: string, stroke?: string): void {
    this.face(RIM.map(([a, b]) => frame.world(u + a * radius, v + b * radius, z)), fill, stroke);
  }

  /** A wide post, of many sides. */
  drum(frame: Frame, u: number, v: number, radius: number, z0: number, z1: number, colour: string): void {
    this.prism(RIM.map(([a, b]) => frame.world(u + a * radius, v + b * radius)), frame.z + z0, frame.z + z1, colour);
  }

  /** The shadow on the floor of something of this height, thrown to the right and towards the viewer. */
  shadow(frame: Frame, [u0, u1, v0, v1, , z1]: Box, ground = 0): void {
    const foot = [frame.world(u0, v0), frame.world(u1, v0), frame.world(u1, v1), frame.world(u0, v1)];
    const reach = Math.min(0.16, z1 * 0.42);
    const all = foot.flatMap(([x, y]): Point[] => [
      [x, y],
      [x + reach, y + reach * 0.45],
    ]);
    this.face(
      hull(all).map(([x, y]): Point3 => [x, y, ground]),
      this.palette.shadow,
    );
  }

  /** A small round light. Lit ones glow. */
  lamp(at: Point3, radius: number, colour: string, lit: boolean): void {
    const [px, py] = this.camera.project(...at);
    const r = Math.max(1.6, radius * this.camera.pixelsPerMetre);
    if (lit) this.disc(px, py, r * 2.4, colour, 0.25);
    this.disc(px, py, r, colour, 1);
  }

  private disc(px: number, py: number, r: number, colour: string, alpha: number): void {
    const g = this.g;
    if (this.camera.shows(px, py)) this.ink++;
    g.globalAlpha = alpha;
    g.fillStyle = colour;
    g.beginPath();
    g.arc(px, py, r, 0, 2 * Math.PI);
    g.fill();
    g.globalAlpha = 1;
  }
}

/** Convex hull, clockwise on the map. */
function hull(points: Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (list: Point[]): Point[] => {
    const kept: Point[] = [];
    for (const p of list) {
      while (kept.length > 1 && turn(kept[kept.length - 2] as Point, kept[kept.length - 1] as Point, p) <= 0) kept.pop();
      kept.push(p);
    }
    return kept.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

function turn(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}
