// Machines over a belt: spindle, filling and capping heads, drill, press; and the magazine of parts.
import { type Brush, Frame } from "../brush.ts";
import { floorOf } from "../reach.ts";
import { type Component, DECK, PLATE, type Rig, foot } from "../rig.ts";
import type { Stage } from "../stage.ts";

export function spindleStill(rig: Rig, brush: Brush, c: Component): void {
  const v = -rig.across(c) / 2 - 0.06;
  brush.shadow(c.frame, [-0.09, 0.09, v - 0.16, v, 0, 0.4], PLATE);
}

/** The column of the machine. */
export function spindleBack(rig: Rig, brush: Brush, c: Component): void {
  const back = -rig.across(c) / 2 - 0.05;
  brush.box(c.frame, [-0.09, 0.09, back - 0.15, back, PLATE, 0.44], brush.palette.metal);
  brush.box(c.frame, [-0.05, 0.05, back, back + 0.004, 0.12, 0.42], brush.palette.dark);
}

export function spindleLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const f = c.frame;
  const back = -rig.across(c) / 2 - 0.05;
  const turning = stage.on(c, "run");
  const down = turning ? 0.035 : 0;
  const low = DECK + rig.height + 0.085 - down;
  stage.add(f, 0.03, 0.03, low, () => {
    brush.post(f, 0, 0, 0.008, low - 0.07, low, turning ? palette.lit : palette.bright);
    brush.box(f, [-0.055, 0.055, back, 0.045, low + 0.03, low + 0.14], palette.metal);
    brush.post(f, 0, 0, 0.026, low - 0.01, low + 0.03, palette.dark);
    brush.lamp(f.world(0.02, 0.046, low + 0.085), 0.008, turning ? palette.lit : palette.unlit, turning);
    if (turning) swirlAt(stage, f, low - 0.035);
  });
}

/** Two marks that go round with the tool. */
function swirlAt(stage: Stage, f: Frame, z: number): void {
  const angle = stage.t * 14;
  for (const a of [angle, angle + Math.PI]) {
    const [u, v] = [Math.cos(a) * 0.024, Math.sin(a) * 0.024];
    stage.brush.line(f.world(u * 0.4, v * 0.4, z), f.world(u, v, z), stage.brush.palette.lit, 1.5);
  }
}

export function feederStill(rig: Rig, brush: Brush, c: Component): void {
  const w = rig.size / 2 + 0.016;
  brush.shadow(c.frame, [-w, w, -w, w, 0, 0.4], PLATE);
}

/** A magazine: an upright shaft with parts in it, and a slide that pushes the lowest one out. */
export function feederLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const f = c.frame;
  const w = rig.size / 2 + 0.012;
  const top = DECK + rig.height * 6.6;
  const push = stage.stroke(c) * rig.size;
  stage.add(f, 0, 0, DECK + 0.1, () => {
    brush.box(f, [-w, w, -w, w, PLATE, DECK - 0.004], palette.dark);
    brush.box(f, [-w - 0.09, -w + 0.005 + push, -0.016, 0.016, DECK + 0.004, DECK + 0.03], palette.bright);
    brush.box(f, [-w, w, -w - 0.008, -w, DECK, top], palette.metal);
    for (let i = 0; i < 6; i++) {
      const z = DECK + rig.height * (i + 0.05);
      if (i > 0 || push === 0) brush.box(f, [-w + 0.012, w - 0.012, -w + 0.008, w - 0.012, z, z + rig.height * 0.94], palette.bright);
    }
    brush.box(f, [-w - 0.008, -w + 0.004, -w, w, DECK, top], palette.metal);
    brush.box(f, [w - 0.004, w + 0.008, -w, w, DECK + rig.height * 1.15, top], palette.metal);
  });
}


// ---- heads over a spot ------------------------------------------------------------------------------------------

const REACH = 0.07; // of a tool, down to the part

const columnAt = (rig: Rig): number => -Math.max(rig.width / 2, rig.size) - 0.06;

export function headBack(rig: Rig, brush: Brush, c: Component): void {
  const f = new Frame(...floor(rig, c), c.frame.z, 0);
  const back = columnAt(rig);
  brush.box(f, [-0.03, 0.03, back - 0.03, back + 0.01, foot(f), DECK + rig.tallest + REACH + 0.17], brush.palette.metal);
}

/** Capping head, drill, press: a column behind the part, and a tool that goes down with its feed, or while it works. */
export function headLive(stage: Stage, c: Component): void {
  const { brush, rig, scene, t } = stage;
  const { palette } = brush;
  const f = new Frame(...floor(rig, c), c.frame.z, 0);
  const feed = rig.named(c, "feed")[0];
  const works = stage.on(c, "run") && scene.speed(c.name, t) > 0;
  const down = (feed ? stage.stroke(feed) : works ? 1 : 0) * REACH;
  const low = DECK + rig.tallest + REACH - down;
  const top = DECK + rig.tallest + REACH + 0.14;
  const back = columnAt(rig);
  stage.add(f, 0, 0.03, low + 0.06, () => {
    stage.credit(feed?.name, () => brush.post(f, 0, 0, 0.012, low + 0.06, top, palette.bright));
    brush.box(f, [-0.034, 0.034, back - 0.02, 0.034, top, top + 0.034], palette.metal);
    brush.box(f, [-0.03, 0.03, -0.03, 0.03, top - 0.05, top], palette.dark);
    tool(stage, c, f, low, works);
    brush.lamp(f.world(0.02, 0.035, top + 0.018), 0.008, works ? palette.lit : palette.unlit, works);
  });
}

function floor(rig: Rig, c: Component): [number, number] {
  const spot = rig.named(c, "spot")[0];
  return spot ? floorOf(rig, spot) : [c.frame.x, c.frame.y];
}

function tool(stage: Stage, c: Component, f: Frame, low: number, works: boolean): void {
  const { brush, rig } = stage;
  const paint = works ? brush.palette.lit : brush.palette.bright;
  if (c.kind === "drill_unit") brush.post(f, 0, 0, 0.006, low - 0.02, low + 0.03, paint);
  const wide = c.kind === "press" ? rig.size * 0.42 : 0.022;
  brush.post(f, 0, 0, wide, low + (c.kind === "drill_unit" ? 0.03 : 0), low + 0.06, c.kind === "press" ? brush.palette.metal : brush.palette.dark);
  if (works && c.kind !== "press") swirlAt(stage, f, low + 0.02);
}

/** An oven with a window that glows as it heats, and its temperature. */
export function heaterLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const f = c.frame;
  const [half, deep, top] = [0.12, 0.09, 0.26];
  const power = stage.value(c, "power_actual");
  const heats = stage.on(c, "on", "regulate") && (typeof power !== "number" || power > 0.5);
  const v = c.belt ? -rig.across(c) / 2 - deep - 0.04 : 0;
  stage.add(f, 0, v + deep, top, () => {
    brush.shadow(f, [-half, half, v - deep, v + deep, 0, top], PLATE);
    brush.box(f, [-half, half, v - deep, v + deep, PLATE, top], palette.metal);
    const front = v + deep + 0.001;
    const glass = [f.world(-half + 0.02, front, 0.07), f.world(half - 0.02, front, 0.07), f.world(half - 0.02, front, 0.2), f.world(-half + 0.02, front, 0.2)];
    brush.face(glass, heats ? "#a8552f" : palette.rubber, palette.bright);
    for (const z of [0.1, 0.135, 0.17]) brush.path([f.world(-half + 0.04, front, z), f.world(half - 0.04, front, z)], heats ? "#f0b070" : palette.dark, 2);
    brush.text(f.world(0, v, top + 0.04), stage.reader.shown(stage.tag(c, "temperature")), 0.045, palette.ink, 12);
  });
}
