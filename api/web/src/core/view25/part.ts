// One part: a block in its colour with the mark of its verdict on top.
import type { Verdict } from "../protocol.ts";
import type { Brush, Frame } from "./brush.ts";

export function drawPart(
  brush: Brush, at: Frame, z: number, size: number, height: number, colour: string, verdict: Verdict,
): void {
  const h = size / 2;
  brush.box(at, [-h, h, -h, h, z, z + height], colour);
  brush.flat(at, -h * 0.62, h * 0.62, -h * 0.62, h * 0.62, z + height, "rgba(255,255,255,0.10)", "rgba(0,0,0,0.18)");
  if (verdict) mark(brush, at, z + height, h * 0.5, verdict);
}

/** A tick for good, a cross for everything else. */
function mark(brush: Brush, at: Frame, z: number, r: number, verdict: Verdict): void {
  const width = Math.max(1.4, 0.007 * brush.camera.pixelsPerMetre);
  const stroke = (a: [number, number], b: [number, number]): void =>
    brush.line(at.world(a[0], a[1], z), at.world(b[0], b[1], z), brush.palette.mark, width);
  if (verdict === "reject") {
    stroke([-r, -r], [r, r]);
    stroke([-r, r], [r, -r]);
  } else {
    stroke([-r, 0], [-r * 0.25, r * 0.8]);
    stroke([-r * 0.25, r * 0.8], [r, -r * 0.8]);
  }
}
