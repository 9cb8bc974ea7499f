// Oblique projection of the floor plan: metres east, south and up to pixels, and back for a point on the floor.

/** How far a metre to the south moves left, and down; how far a metre up moves up. Pixels per pixel-metre. */
const SHEAR = 0.24;
const DEPTH = 0.62;
const RISE = 0.84;
const MAX_ZOOM = 6;
/** Pixels kept free above the line and below it, where the names of the stations are. */
const ABOVE = 10;
const BELOW = 54;

export type Point = [x: number, y: number];
export type Point3 = [x: number, y: number, z: number];
/** West, north, east, south in metres, and the height of what stands there. */
export type Extent = [x0: number, y0: number, x1: number, y1: number, z1: number];

/** Points with a greater depth are nearer to the viewer. */
export function depth(x: number, y: number, z: number): number {
  return SHEAR * x + y + (DEPTH / RISE) * z;
}

/** The height at the back edge that reaches as far up in the picture as `top` does, so far south of that edge. */
export function seenAbove(south: number, top: number): number {
  return top - (south * DEPTH) / RISE;
}

/** A vertical face with this outward normal is seen. */
export function faces(nx: number, ny: number): boolean {
  return SHEAR * nx + ny > 1e-6;
}

/** Fits an extent into a picture; on top of that the person zooms and pans. */
export class Camera {
  width = 1;
  height = 1;
  zoom = 1;
  private scale = 1;
  private panX = 0;
  private panY = 0;
  private originX = 0;
  private originY = 0;
  private base = 1;

  constructor(private readonly extent: Extent) {}

  get pixelsPerMetre(): number {
    return this.scale;
  }

  /** Width to height of what there is to see. */
  get aspect(): number {
    const { left, right, top, bottom } = this.bounds();
    return (right - left) / (bottom - top);
  }

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.place();
  }

  project(x: number, y: number, z: number): Point {
    return [this.originX + (x - SHEAR * y) * this.scale, this.originY + (DEPTH * y - RISE * z) * this.scale];
  }

  /** Whether a pixel lies in the picture. */
  shows(px: number, py: number): boolean {
    return px >= 0 && py >= 0 && px <= this.width && py <= this.height;
  }

  /** The point of the floor (z = 0) under a pixel. */
  floor(px: number, py: number): Point {
    const y = (py - this.originY) / (DEPTH * this.scale);
    return [(px - this.originX) / this.scale + SHEAR * y, y];
  }

  zoomAt(px: number, py: number, factor: number): void {
    const [x, y] = this.floor(px, py);
    this.zoom = Math.min(MAX_ZOOM, Math.max(1, this.zoom * factor));
    this.place();
    const [qx, qy] = this.project(x, y, 0);
    this.pan(px - qx, py - qy);
  }

  pan(dx: number, dy: number): void {
    const limitX = (this.zoom - 0.5) * this.width * 0.6;
    const limitY = (this.zoom - 0.5) * this.height * 0.8;
    this.panX = Math.min(limitX, Math.max(-limitX, this.panX + dx));
    this.panY = Math.min(limitY, Math.max(-limitY, this.panY + dy));
    this.place();
  }

  fit(): void {
    this.zoom = 1;
    this.panX = this.panY = 0;
    this.place();
  }

  private bounds(): { left: number; right: number; top: number; bottom: number } {
    const [x0, y0, x1, y1, z1] = this.extent;
    return { left: x0 - SHEAR * y1, right: x1 - SHEAR * y0, top: DEPTH * y0 - RISE * z1, bottom: DEPTH * y1 };
  }

  private place(): void {
    const { left, right, top, bottom } = this.bounds();
    const free = Math.max(50, this.height - ABOVE - BELOW);
    this.base = Math.min(this.width / (right - left), free / (bottom - top));
    this.scale = this.base * this.zoom;
    this.originX = this.width / 2 - ((left + right) / 2) * this.scale + this.panX;
    this.originY = ABOVE + free / 2 - ((top + bottom) / 2) * this.scale + this.panY;
  }
}
