// Compressed air: the compressor on its receiver, and the meter in the line.
import { type Component, PLATE } from "../rig.ts";
import type { Stage } from "../stage.ts";

/** A lying receiver on feet with the compressor on it; the flywheel turns while it compresses. */
export function airSupplyLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const { palette } = brush;
  const f = c.frame;
  const runs = stage.on(c, "compressing");
  const good = stage.on(c, "ok");
  stage.add(f, 0, 0.08, 0.3, () => {
    brush.shadow(f, [-0.15, 0.15, -0.07, 0.07, 0, 0.3], PLATE);
    for (const u of [-0.11, 0.11]) brush.box(f, [u - 0.01, u + 0.01, -0.05, 0.05, PLATE, 0.08], palette.dark);
    brush.box(f, [-0.15, 0.15, -0.065, 0.065, 0.08, 0.19], palette.metal);
    for (const z of [0.105, 0.135, 0.165]) brush.line(f.world(-0.148, 0.066, z), f.world(0.148, 0.066, z), palette.dark, 1);
    brush.box(f, [-0.1, 0.02, -0.04, 0.04, 0.19, 0.26], palette.dark);
    brush.box(f, [-0.075, -0.035, -0.03, 0.03, 0.26, 0.3], palette.metal);
    const a = runs ? stage.t * 9 : 0.6;
    const [u, z] = [0.07, 0.235];
    for (const turn of [0, (2 * Math.PI) / 3, (4 * Math.PI) / 3]) {
      const [x, y] = [Math.cos(a + turn) * 0.04, Math.sin(a + turn) * 0.04];
      brush.line(f.world(u, 0.042, z), f.world(u + x, 0.042, z + y), runs ? palette.lit : palette.bright, 2);
    }
    brush.lamp(f.world(0.12, 0.067, 0.2), 0.01, good ? palette.lit : "#d9534f", true);
    brush.text(f.world(0, 0, 0.35), stage.reader.shown(stage.tag(c, "pressure")), 0.04, palette.ink, 11);
  });
}

/** A block in the pipe with a screen that says the flow. */
export function airMeterLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const { palette } = brush;
  const f = c.frame;
  stage.add(f, 0, 0.03, 0.2, () => {
    brush.shadow(f, [-0.06, 0.06, -0.03, 0.03, 0, 0.2], PLATE);
    brush.path([f.world(-0.09, 0, 0.1), f.world(0.09, 0, 0.1)], palette.bright, 3);
    brush.box(f, [-0.045, 0.045, -0.03, 0.03, 0.07, 0.13], palette.metal);
    brush.box(f, [-0.01, 0.01, -0.01, 0.01, PLATE, 0.07], palette.dark);
    brush.box(f, [-0.05, 0.05, -0.015, 0.015, 0.13, 0.2], palette.dark);
    brush.text(f.world(0, 0.016, 0.165), stage.reader.shown(stage.tag(c, "flow")), 0.03, palette.screen, 9);
  });
}
