// A palletizer as one machine: a portal over the belt's end, a head that goes over to a pallet, the stack on it.
import type { Point3 } from "../camera.ts";
import { type Component, DECK, PLATE, type Rig, size } from "../rig.ts";
import type { Stage } from "../stage.ts";

const BOARD = 0.03; // thickness of the pallet

/** Rows and columns of a layer, and the middle of the pallet beside the belt. */
function pallet(rig: Rig, c: Component): { columns: number; rows: number; per: number; middle: number; half: [number, number] } {
  const per = Math.max(1, Math.round(size(c, "per_layer", 4)));
  const columns = Math.ceil(Math.sqrt(per));
  const rows = Math.ceil(per / columns);
  const pitch = rig.sizeOn(c.belt) * 1.06;
  const half: [number, number] = [(columns * pitch) / 2 + 0.01, (rows * pitch) / 2 + 0.01];
  return { columns, rows, per, middle: rig.across(c) / 2 + 0.1 + half[1], half };
}

/** Where a part lies: in the grip over the way, or at its number on the pallet, counted from below. */
export function stackedAt(rig: Rig, c: Component, place: string | number | null, height: number): Point3 {
  const { columns, rows, per, middle } = pallet(rig, c);
  if (place === "grip" || place === null) return c.frame.world(0, middle / 2, DECK + 0.1);
  const pitch = rig.sizeOn(c.belt) * 1.06;
  const n = Number(place);
  const [inLayer, layer] = [n % per, Math.floor(n / per)];
  const [u, v] = [(inLayer % columns) - (columns - 1) / 2, Math.floor(inLayer / columns) - (rows - 1) / 2];
  return c.frame.world(u * pitch, middle + v * pitch, PLATE + BOARD + layer * height);
}

export function palletizerLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const f = c.frame;
  const { middle, half } = pallet(rig, c);
  const layers = Math.max(1, Math.round(size(c, "layers", 3)));
  const top = Math.max(DECK + 0.3, PLATE + BOARD + (layers + 1) * rig.tallest + 0.14);
  const ends = [-rig.across(c) / 2 - 0.06, middle + half[1] + 0.03] as const;
  const works = !stage.on(c, "ready");
  const held = stage.held(c).some(([part]) => part.place.at(stage.t)[2] === "grip");
  const head = held ? middle / 2 : works ? middle : 0;
  stage.add(f, 0, middle - half[1], PLATE, () => {
    brush.shadow(f, [-half[0], half[0], middle - half[1], middle + half[1], 0, BOARD], PLATE);
    brush.box(f, [-half[0], half[0], middle - half[1], middle + half[1], PLATE, PLATE + BOARD], "#8a6b45");
  });
  for (const v of ends) stage.add(f, 0, v, top, () => brush.box(f, [-0.018, 0.018, v - 0.018, v + 0.018, PLATE, top], palette.metal));
  stage.add(f, 0, ends[1], top + 0.02, () => {
    brush.box(f, [-0.022, 0.022, ends[0], ends[1], top, top + 0.03], palette.metal);
    brush.box(f, [-0.035, 0.035, head - 0.035, head + 0.035, top - 0.04, top], palette.bright);
    const low = held ? DECK + 0.1 + rig.tallest : top - 0.12;
    brush.post(f, 0, head, 0.01, low, top - 0.04, palette.bright);
    brush.box(f, [-0.04, 0.04, head - 0.03, head + 0.03, low, low + 0.012], works ? palette.lit : palette.dark);
  });
}
