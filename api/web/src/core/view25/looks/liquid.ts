// Tanks and what liquid flows through. A pipe is drawn from whatever has a tank at one end or at both.
import type { Brush } from "../brush.ts";
import type { Point3 } from "../camera.ts";
import { type Component, DECK, PLATE, type Rig, size } from "../rig.ts";
import { LOW, STAND, pipeHeight, tankRadius } from "../sizes.ts";
import type { Stage } from "../stage.ts";
import { screen } from "./panel.ts";

const OPEN = 0.005;

/** The surface of a tank's liquid: as it moves, else as its transmitter says. Metres over its bottom. */
function levelOf(stage: Stage, c: Component): number {
  const said = stage.value(c, "level");
  const mm = stage.scene.hasMoved(c.name) ? stage.scene.position(c.name, stage.t) : typeof said === "number" ? said : 0;
  return Math.max(0, Math.min(size(c, "height", 0.3), mm / 1000));
}

export function tankStill(_rig: Rig, brush: Brush, c: Component): void {
  const r = tankRadius(c);
  brush.shadow(c.frame, [-r, r, -r, r, 0, size(c, "height", 0.3)], PLATE);
}

export function tankLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const { palette } = brush;
  const f = c.frame;
  const [r, high, level] = [tankRadius(c), size(c, "height", 0.3), levelOf(stage, c)];
  const bottom = PLATE + STAND;
  const side = (u: number, z0: number, z1: number): void => brush.path([f.world(u, 0, z0), f.world(u, 0, z1)], palette.bright, 2);
  stage.add(f, 0, r * 0.5, bottom, () => {
    for (const u of [-r * 0.7, r * 0.7]) brush.box(f, [u - 0.012, u + 0.012, -0.012, 0.012, PLATE, bottom], palette.dark);
    brush.drum(f, 0, 0, r, bottom - 0.012, bottom, palette.metal);
    brush.round(f, 0, 0, r, bottom + high, palette.glass, palette.metal);
    if (level > 0.0005) {
      brush.drum(f, 0, 0, r * 0.985, bottom, bottom + level, palette.liquid);
      brush.round(f, 0, 0, r * 0.985, bottom + level, palette.flow);
    }
    const wall = [f.world(-r, 0, bottom), f.world(r, 0, bottom), f.world(r, 0, bottom + high), f.world(-r, 0, bottom + high)];
    brush.face(wall, palette.glass);
    side(-r, bottom, bottom + high);
    side(r, bottom, bottom + high);
    scale(stage, c, r, bottom, high);
    if (stage.on(c, "overflow")) brush.path([f.world(r, 0, bottom + high), f.world(r + 0.02, 0, bottom + high - 0.03), f.world(r + 0.02, 0, PLATE)], palette.flow, 3);
  });
}

/** Ticks, the two switches as lamps, and the transmitter's figure over the brim. */
function scale(stage: Stage, c: Component, r: number, bottom: number, high: number): void {
  const { brush } = stage;
  const { palette } = brush;
  const f = c.frame;
  for (let i = 1; i < 10; i++) {
    const z = bottom + (high * i) / 10;
    brush.path([f.world(r * (i % 5 ? 0.86 : 0.74), 0.002, z), f.world(r, 0.002, z)], palette.edge, 1);
  }
  for (const port of ["low", "high"]) {
    const lit = stage.on(c, port);
    const z = bottom + size(c, `${port}_at`, port === "low" ? high * 0.1 : high * 0.9);
    brush.box(f, [r, r + 0.03, -0.008, 0.008, z - 0.008, z + 0.008], palette.metal);
    brush.lamp(f.world(r + 0.03, 0.008, z + 0.004), 0.009, lit ? palette.lit : palette.unlit, lit);
  }
  const level = Math.max(0.03, levelOf(stage, c));
  brush.path([f.world(-r - 0.02, 0, bottom + level), f.world(-r, 0, bottom + level)], palette.ink, 2);
  brush.text(f.world(-r - 0.03, 0, bottom + level), stage.reader.shown(stage.tag(c, "level")), 0.05, palette.ink, 12, "right");
}

// ---- pipes ------------------------------------------------------------------------------------------------------

/** From a tank's bottom to the component, or from the component over the brim into a tank. */
export function pipesOf(rig: Rig, c: Component): Point3[][] {
  const found: Point3[][] = [];
  const [source, to] = [rig.named(c, "source")[0], rig.named(c, "to")[0]];
  const { x, y } = c.frame;
  const z = pipeHeight(rig, c);
  if (source) {
    const { x: tx, y: ty } = source.frame;
    const r = tankRadius(source);
    const way = x < tx ? -1 : 1;
    found.push([[tx + way * r, ty, LOW], [x, ty, LOW], [x, y, LOW], ...(z > LOW ? [[x, y, z] as Point3] : [])]);
  }
  if (to) {
    const { x: tx, y: ty } = to.frame;
    const brim = PLATE + STAND + size(to, "height", 0.3);
    found.push([[x, y, z], [x, ty, z], [tx, ty, z], [tx, ty, brim - 0.02]]);
    if (!source) found.push([[x, y - 0.14, z], [x, y, z]]); // from the mains
  } else if (source && c.kind !== "filler") found.push([[x, y, z], [x, y + 0.06, z], [x, y + 0.06, PLATE]]); // to the drain
  return found;
}

/** Pipes of a component, wet while something flows through it. */
function drawPipes(stage: Stage, c: Component, wet: boolean): void {
  const { brush, rig } = stage;
  const wide = Math.max(4, 0.02 * brush.camera.pixelsPerMetre);
  for (const path of pipesOf(rig, c)) {
    brush.path(path, brush.palette.dark, wide);
    brush.path(path, brush.palette.metal, wide * 0.7);
    if (wet) brush.path(path, brush.palette.flow, wide * 0.34);
  }
}

function flows(stage: Stage, c: Component): boolean {
  const source = stage.rig.named(c, "source")[0];
  const open = c.kind === "consumer" || stage.stroke(c) > OPEN;
  return open && (!source || levelOf(stage, source) > 0.0005);
}

/** The pipe is nearer to the viewer than what stands behind it: it is sorted by the component's own place. */
function withPipes(stage: Stage, c: Component, draw: (z: number, wet: boolean) => void): void {
  const z = pipeHeight(stage.rig, c);
  const wet = flows(stage, c);
  const nearest = Math.max(c.frame.y, ...pipesOf(stage.rig, c).flatMap((path) => path.map((p) => p[1])));
  stage.add(c.frame, 0, nearest - c.frame.y, z - 0.01, () => drawPipes(stage, c, wet));
  stage.add(c.frame, 0, nearest - c.frame.y + 0.001, z, () => draw(z, wet));
}

export function valveLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const { palette } = brush;
  const f = c.frame;
  withPipes(stage, c, (z) => {
    const share = stage.stroke(c);
    if (z > LOW) brush.box(f, [-0.008, 0.008, -0.008, 0.008, PLATE, z - 0.02], palette.dark);
    brush.box(f, [-0.032, 0.032, -0.022, 0.022, z - 0.022, z + 0.022], palette.bright);
    brush.post(f, 0, 0, 0.007, z + 0.022, z + 0.06, palette.dark);
    brush.drum(f, 0, 0, 0.032, z + 0.06, z + 0.078, share > OPEN ? palette.lit : palette.metal);
    if (stage.value(c, "position") !== undefined) brush.text(f.world(0, 0, z + 0.115), `${Math.round(share * 100)} %`, 0.04, palette.ink, 11);
    else brush.lamp(f.world(0.02, 0.023, z), 0.008, share > 0.5 ? palette.lit : palette.unlit, share > 0.5);
  });
}

export function pumpLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const { palette } = brush;
  const f = c.frame;
  withPipes(stage, c, () => {
    const turns = stage.stroke(c) > OPEN;
    brush.box(f, [-0.07, 0.05, -0.035, 0.035, PLATE, PLATE + 0.016], palette.dark);
    brush.box(f, [-0.065, -0.005, -0.028, 0.028, PLATE + 0.016, PLATE + 0.08], palette.metal);
    brush.drum(f, 0.025, 0, 0.04, PLATE + 0.016, PLATE + 0.09, palette.bright);
    const a = turns ? stage.t * 9 : 0;
    const top = PLATE + 0.091;
    for (const b of [a, a + Math.PI / 2]) {
      const [u, v] = [Math.cos(b) * 0.03, Math.sin(b) * 0.03];
      brush.path([f.world(0.025 - u, -v, top), f.world(0.025 + u, v, top)], turns ? palette.lit : palette.dark, 2);
    }
  });
}

/** A tap over a sink: somebody draws what he likes. */
export function consumerLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const { palette } = brush;
  const f = c.frame;
  withPipes(stage, c, (_z, wet) => {
    const z = PLATE + 0.13;
    brush.box(f, [-0.05, 0.05, 0.03, 0.13, PLATE, PLATE + 0.04], palette.metal);
    brush.flat(f, -0.042, 0.042, 0.038, 0.122, PLATE + 0.041, palette.rubber);
    brush.box(f, [-0.012, 0.012, -0.012, 0.012, PLATE, z], palette.bright);
    brush.box(f, [-0.01, 0.01, -0.012, 0.08, z - 0.016, z], palette.bright);
    if (wet) brush.path([f.world(0, 0.078, z - 0.016), f.world(0, 0.078, PLATE + 0.042)], palette.flow, 3);
  });
}

export function meterLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const f = c.frame;
  const on = rig.named(c, "on")[0];
  const z = on ? pipeHeight(rig, on) : DECK;
  stage.add(f, 0, 0.2, z, () => {
    brush.box(f, [-0.034, 0.034, -0.02, 0.02, z - 0.02, z + 0.02], brush.palette.metal);
    screen(brush, f.moved(0, 0, z + 0.02), 0.085, stage.reader.shown(stage.tag(c, "flow")));
  });
}

/** The column of a filling head, and its pipe from the tank. */
export function fillerBack(rig: Rig, brush: Brush, c: Component): void {
  const f = c.frame;
  const { palette } = brush;
  const back = -rig.across(c) / 2 - 0.06;
  const low = DECK + rig.tallest + 0.03;
  const source = rig.named(c, "source")[0];
  if (source) {
    const start = source.frame;
    const end = f.world(0, back - 0.03, LOW);
    const path: Point3[] = [[start.x, start.y + tankRadius(source), LOW], [start.x, end[1], LOW], end, f.world(0, back - 0.03, low + 0.12)];
    const wide = Math.max(4, 0.016 * brush.camera.pixelsPerMetre);
    brush.path(path, palette.dark, wide);
    brush.path(path, palette.metal, wide * 0.6);
  }
  brush.box(f, [-0.014, 0.014, back - 0.014, back + 0.014, PLATE, low + 0.14], palette.metal);
}

/** A nozzle over the place where bottles are filled. */
export function fillerLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const f = c.frame;
  const back = -rig.across(c) / 2 - 0.06;
  const low = DECK + rig.tallest + 0.03;
  const wet = flows(stage, c);
  stage.add(f, 0, 0.04, low, () => {
    brush.box(f, [-0.016, 0.016, back - 0.02, 0.03, low + 0.11, low + 0.14], palette.metal);
    brush.box(f, [-0.028, 0.028, -0.028, 0.028, low + 0.05, low + 0.12], palette.bright);
    brush.post(f, 0, 0, 0.01, low, low + 0.05, palette.dark);
    if (wet) brush.path([f.world(0, 0.004, low), f.world(0, 0.004, low - 0.05)], palette.flow, 3);
    brush.lamp(f.world(0.012, 0.029, low + 0.09), 0.008, wet ? palette.lit : palette.unlit, wet);
  });
}
