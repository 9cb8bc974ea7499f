// Flow components: machines and buffers as boxes that say what they do and how many parts they hold.
import { type LampColour, LAMP } from "../palette.ts";
import { type Component, PLATE, size } from "../rig.ts";
import type { Stage } from "../stage.ts";

const MODES: Record<string, [symbol: string, lamp: LampColour | null]> = {
  working: ["▶", null],
  blocked: ["‖", "yellow"],
  starved: ["○", null],
  down: ["✕", "red"],
};
const HALF = 0.15;
const HIGH = 0.16;

export function flowLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const f = c.frame;
  const mode = MODES[stage.scene.modes[c.name] ?? ""];
  const top = PLATE + HIGH;
  stage.add(f, 0, -HALF, PLATE, () => {
    for (const to of rig.named(c, "to")) arrow(stage, c, to);
    brush.shadow(f, [-HALF, HALF, -HALF * 0.8, HALF * 0.8, 0, HIGH], PLATE);
  });
  stage.add(f, 0, HALF * 0.8, top, () => {
    brush.box(f, [-HALF, HALF, -HALF * 0.8, HALF * 0.8, PLATE, top], mode?.[0] === "▶" ? palette.bright : palette.metal);
    const front = HALF * 0.8 + 0.001;
    brush.text(f.world(0, front, PLATE + HIGH * 0.66), stage.title(c), 0.05, palette.mark, 11);
    brush.text(f.world(0, front, PLATE + HIGH * 0.26), count(stage, c), 0.05, palette.mark, 11);
    if (mode) brush.text(f.world(HALF * 0.72, -HALF * 0.4, top + 0.01), mode[0], 0.06, palette.mark, 11);
    if (mode?.[1]) brush.lamp(f.world(-HALF * 0.72, 0, top), 0.016, LAMP[mode[1]], true);
  });
}

/** How many parts are here, of how many at most. */
function count(stage: Stage, c: Component): string {
  const held = stage.held(c).length;
  const most = size(c, "capacity", size(c, "count", 0));
  return most ? `${held} / ${most}` : String(held);
}

function arrow(stage: Stage, from: Component, to: Component): void {
  const { brush } = stage;
  const [dx, dy] = [to.frame.x - from.frame.x, to.frame.y - from.frame.y];
  const far = Math.hypot(dx, dy) || 1;
  const at = (s: number, side = 0): [number, number, number] => [from.frame.x + dx * s - (dy / far) * side, from.frame.y + dy * s + (dx / far) * side, PLATE];
  const end = 1 - (HALF + 0.03) / far;
  brush.path([at(HALF / far), at(end)], brush.palette.dim, 2);
  brush.path([at(end - 0.05 / far, 0.03), at(end), at(end - 0.05 / far, -0.03)], brush.palette.dim, 2);
}
