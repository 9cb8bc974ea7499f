// Bins: what lies in them, and how many of how many.
import type { Brush } from "../brush.ts";
import { partColour } from "../palette.ts";
import { drawPart } from "../part.ts";
import { type Component, PLATE, type Rig, single } from "../rig.ts";
import type { Stage } from "../stage.ts";

export const BIN_HEIGHT = 0.055;
const BIN_COLUMNS = 2;
const BIN_WIDTH = 0.17;

export function binHalf(c: Component): number {
  return (single(c.parameters["width"]) ?? BIN_WIDTH) / 2;
}

export function binStill(_rig: Rig, brush: Brush, c: Component): void {
  const h = binHalf(c);
  brush.shadow(c.frame, [-h, h, -h, h, 0, PLATE + BIN_HEIGHT], PLATE);
}

export function binLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const { palette } = brush;
  const f = c.frame;
  const h = binHalf(c);
  const top = PLATE + BIN_HEIGHT;
  const count = stage.scene.contents(c.name, stage.t);
  stage.add(f, 0, 0, top, () => {
    brush.flat(f, -h, h, -h, h, PLATE + 0.004, palette.rubber);
    brush.box(f, [-h, h, -h, -h + 0.008, PLATE, top], palette.metal);
    brush.box(f, [-h, -h + 0.008, -h, h, PLATE, top], palette.metal);
    binParts(stage, c, h);
    brush.box(f, [h - 0.008, h, -h, h, PLATE, top], palette.metal);
    brush.box(f, [-h, h, h - 0.008, h, PLATE, top], palette.metal);
    binLabel(stage, c, count.length);
  });
}

function binParts(stage: Stage, c: Component, h: number): void {
  const { brush, rig } = stage;
  const step = (h * 2 - 0.02) / BIN_COLUMNS;
  stage.scene.contents(c.name, stage.t).forEach((part, i) => {
    const layer = Math.floor(i / (BIN_COLUMNS * BIN_COLUMNS));
    const [col, row] = [i % BIN_COLUMNS, Math.floor(i / BIN_COLUMNS) % BIN_COLUMNS];
    const at = c.frame.moved(-h + 0.01 + step * (col + 0.5), -h + 0.01 + step * (row + 0.5));
    const z = PLATE + 0.006 + layer * rig.height;
    drawPart(brush, at, z, rig.size * 0.9, rig.heightOf(part.kind), partColour(rig.layout.part.colours, part.colour), part.verdict);
  });
}

/** How many of how many, on the near side of the bin; a full one says so by its lamp. */
function binLabel(stage: Stage, c: Component, count: number): void {
  const { brush } = stage;
  const h = binHalf(c);
  const capacity = single(c.parameters["full_at"]) ?? single(c.parameters["capacity"]);
  const full = stage.on(c, "full") || (capacity !== undefined && count >= capacity);
  const [px, py] = brush.camera.project(...c.frame.world(0, h, PLATE + BIN_HEIGHT * 0.46));
  const size = Math.max(9, Math.min(20, 0.052 * brush.camera.pixelsPerMetre));
  brush.g.font = `700 ${size}px sans-serif`;
  brush.g.textAlign = "center";
  brush.g.textBaseline = "middle";
  brush.g.fillStyle = full ? "#f2c200" : brush.palette.mark;
  brush.g.fillText(capacity === undefined ? String(count) : `${count}/${capacity}`, px, py);
}
