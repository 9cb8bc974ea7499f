// How each kind of component looks: what stands still (drawn once) and what moves (drawn each frame).
// Drawn from kind and geometry alone; measures that the layout does not give are chosen to look right.
import type { Brush, Frame } from "./brush.ts";
import { partColour } from "./palette.ts";
import { drawPart } from "./part.ts";
import { type Component, DECK, PLATE, type Rig, craneShape, single } from "./rig.ts";
import type { Stage } from "./stage.ts";
import { craneLive, rackLive, rackStill } from "./storage.ts";

export interface Look {
  still?: (rig: Rig, brush: Brush, c: Component) => void;
  live?: (stage: Stage, c: Component) => void;
}

const RAIL = 0.012;

// ---- belt -------------------------------------------------------------------------------------------------------

function beltStill(rig: Rig, brush: Brush, c: Component): void {
  const { palette } = brush;
  const length = rig.length(c);
  const half = rig.width / 2;
  const f = c.frame;
  brush.shadow(f, [0, length, -half, half, 0, DECK * 0.9], f.z + PLATE);
  for (let u = 0.08; u < length; u += Math.max(0.3, (length - 0.16) / 3)) {
    brush.box(f, [u - 0.012, u + 0.012, -half + 0.01, -half + 0.03, PLATE, DECK - 0.03], palette.dark);
    brush.box(f, [u - 0.012, u + 0.012, half - 0.03, half - 0.01, PLATE, DECK - 0.03], palette.dark);
  }
  brush.box(f, [0, length, -half - RAIL, -half, DECK - 0.036, DECK + 0.008], palette.metal);
  brush.box(f, [0.004, length - 0.004, -half, half, DECK - 0.03, DECK], palette.rubber);
  brush.box(f, [0, length, half, half + RAIL, DECK - 0.036, DECK + 0.008], palette.metal);
  brush.box(f, [length - 0.13, length - 0.05, half + RAIL, half + 0.05, DECK - 0.07, DECK - 0.012], palette.dark);
  chevrons(rig, brush, c);
}

/** Small arrows on the near rail that say which way the belt runs. */
function chevrons(rig: Rig, brush: Brush, c: Component): void {
  const v = rig.width / 2 + RAIL;
  const z = DECK - 0.014;
  for (let u = 0.2; u < rig.length(c) - 0.2; u += 0.35) {
    const [a, b, d] = [c.frame.world(u, v, z + 0.01), c.frame.world(u + 0.018, v, z), c.frame.world(u, v, z - 0.01)];
    brush.line(a, b, brush.palette.groove, 1.4);
    brush.line(b, d, brush.palette.groove, 1.4);
  }
}

/** The slats of a belt where it has run to. Lies under everything else that moves. */
export function drawSlats(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const pitch = rig.size * 0.62;
  const length = rig.length(c);
  const half = rig.width / 2;
  const shift = (((stage.scene.position(c.name, stage.t) / 1000) % pitch) + pitch) % pitch;
  const g = brush.g;
  g.strokeStyle = brush.palette.slat;
  g.lineWidth = Math.max(1, 0.008 * brush.camera.pixelsPerMetre);
  g.beginPath();
  for (let u = shift; u < length; u += pitch) {
    g.moveTo(...brush.camera.project(...c.frame.world(u, -half, DECK)));
    g.lineTo(...brush.camera.project(...c.frame.world(u, half, DECK)));
  }
  g.stroke();
}

// ---- sensors ----------------------------------------------------------------------------------------------------

function eyeLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const edge = rig.width / 2 + RAIL;
  const z = DECK + rig.height * 0.5;
  const f = c.frame;
  const position = c.belt ? c.belt.frame.local(f.x, f.y)[0] : 0;
  const blocked = c.belt ? stage.covered(c.belt, position) : false;
  const lit = stage.on(c, "");
  stage.add(f, 0, -edge - 0.03, z, () => {
    brush.box(f, [-0.006, 0.006, -edge - 0.022, -edge - 0.01, PLATE, z], palette.dark);
    brush.box(f, [-0.014, 0.014, -edge - 0.03, -edge - 0.004, z - 0.014, z + 0.016], palette.metal);
  });
  if (!blocked) stage.add(f, 0, 0, z, () => brush.line(f.world(0, -edge, z), f.world(0, edge, z), palette.beam));
  stage.add(f, 0.02, edge + 0.03, z, () => {
    brush.box(f, [-0.006, 0.006, edge + 0.01, edge + 0.022, PLATE, z], palette.dark);
    brush.box(f, [-0.016, 0.016, edge + 0.004, edge + 0.032, z - 0.016, z + 0.018], lit ? palette.bright : palette.dark);
    brush.lamp(f.world(0, edge + 0.02, z + 0.02), 0.009, lit ? palette.lit : palette.unlit, lit);
  });
}

function cameraLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const edge = rig.width / 2 + 0.05;
  const top = DECK + 0.25;
  const f = c.frame;
  const active = stage.on(c, "trigger");
  stage.add(f, 0, -edge - 0.02, top, () => {
    brush.box(f, [-0.012, 0.012, -edge - 0.012, -edge + 0.012, PLATE, top], palette.metal);
  });
  stage.add(f, 0.03, edge, top, () => {
    const cone = [f.world(0, 0, top - 0.07), f.world(-0.05, 0.03, DECK), f.world(0.05, 0.03, DECK)];
    brush.face(cone, active ? "rgba(244,247,249,0.34)" : palette.glass);
    brush.box(f, [-0.03, 0.03, -0.03, 0.03, top - 0.085, top - 0.012], palette.dark);
    brush.post(f, 0, 0, 0.018, top - 0.11, top - 0.085, active ? palette.lit : palette.unlit);
    brush.box(f, [-0.012, 0.012, -edge - 0.012, edge + 0.012, top - 0.012, top + 0.012], palette.metal);
    brush.box(f, [-0.012, 0.012, edge - 0.012, edge + 0.012, PLATE, top - 0.012], palette.metal);
  });
}

/** A sensor on an arm above the belt: colour, height, distance, code reader. */
function sensorLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const edge = rig.width / 2 + 0.035;
  const top = DECK + 0.17;
  const f = c.frame;
  const lit = stage.on(c, "part");
  stage.add(f, 0, 0.02, top, () => {
    brush.box(f, [-0.009, 0.009, -edge - 0.009, -edge + 0.009, PLATE, top], palette.metal);
    brush.box(f, [-0.009, 0.009, -edge - 0.009, 0.01, top - 0.01, top + 0.01], palette.metal);
    brush.post(f, 0, 0, 0.02, top - 0.06, top - 0.01, palette.dark);
    brush.lamp(f.world(0, 0.02, top - 0.03), 0.007, lit ? palette.lit : palette.unlit, lit);
  });
}

// ---- things that move -------------------------------------------------------------------------------------------

function stopperLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const half = rig.width / 2;
  const f = c.frame;
  const up = (1 - stage.stroke(c)) * rig.height * 0.75; // power takes the pin out of the way
  stage.add(f, 0.008, -half * 0.4, DECK, () => {
    if (up > 0.002) brush.box(f, [0.001, 0.011, -half * 0.75, half * 0.75, DECK, DECK + up], brush.palette.bright);
  });
  stage.add(f, 0, half + 0.05, DECK - 0.05, () => {
    brush.box(f, [-0.012, 0.024, half + RAIL, half + 0.035, DECK - 0.075, DECK - 0.01], brush.palette.dark);
    brush.lamp(f.world(0.006, half + 0.036, DECK - 0.03), 0.005, up > 0.02 ? brush.palette.lit : brush.palette.unlit, false);
  });
}

/** 1: pushes to the right of the flow, -1: to the left. Towards its bin, where it has one. */
function ejectSide(rig: Rig, c: Component): number {
  const bin = rig.joined(c, "bin")[0];
  if (!bin || !c.belt) return 1;
  return c.belt.frame.local(bin.frame.x, bin.frame.y)[1] < 0 ? -1 : 1;
}

function ejectorStill(rig: Rig, brush: Brush, c: Component): void {
  const side = ejectSide(rig, c);
  const half = rig.width / 2 + RAIL;
  const f = c.frame;
  const [a, b] = [-side * (half + 0.17), -side * (half + 0.045)];
  brush.shadow(f, [-0.02, 0.02, Math.min(a, b), Math.max(a, b), 0, DECK], f.z + PLATE);
  const bin = rig.joined(c, "bin")[0];
  if (bin) chute(rig, brush, c, bin, side);
}

/** The slide from the edge of the belt down to the bin. */
function chute(rig: Rig, brush: Brush, c: Component, bin: Component, side: number): void {
  const half = rig.width / 2 + RAIL;
  const [, v] = c.frame.local(bin.frame.x, bin.frame.y);
  const reach = v - side * binHalf(bin);
  const w = rig.size * 0.72;
  const f = c.frame;
  const low = PLATE + BIN_HEIGHT + 0.012;
  if (Math.abs(reach) <= half) return;
  const slide = [
    f.world(-w, side * half, DECK - 0.004), f.world(w, side * half, DECK - 0.004),
    f.world(w, reach, low), f.world(-w, reach, low),
  ];
  brush.face(slide, brush.palette.dark, brush.palette.edge);
}

function ejectorLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const side = ejectSide(rig, c);
  const half = rig.width / 2 + RAIL;
  const f = c.frame;
  const z = DECK + rig.height * 0.5;
  const home = -side * (half + 0.012);
  const plate = home + side * stage.stroke(c) * (rig.width + 0.02);
  const body: [number, number] = [-side * (half + 0.17), -side * (half + 0.045)];
  const span = (a: number, b: number): [number, number] => [Math.min(a, b), Math.max(a, b)];
  stage.add(f, 0, body[1], z, () => {
    brush.box(f, [-0.02, 0.02, ...span(body[0], body[1]), PLATE, z - 0.022], palette.dark);
    brush.box(f, [-0.022, 0.022, ...span(body[0], body[1]), z - 0.022, z + 0.022], palette.metal);
    brush.box(f, [-0.024, 0.024, ...span(body[1] - side * 0.02, body[1]), z - 0.024, z + 0.024], palette.bright);
  });
  stage.add(f, 0, plate, z, () => {
    brush.box(f, [-0.005, 0.005, ...span(body[1], plate), z - 0.006, z + 0.004], palette.bright);
    brush.box(f, [-0.026, 0.026, ...span(plate - side * 0.008, plate), z - 0.018, z + 0.014], palette.bright);
  });
}

/** A cylinder that stands alone beside a spindle moves the guard door of that machine; a crane draws its own fork. */
function freeCylinderLive(stage: Stage, c: Component): void {
  if (stage.rig.ofKind("crane").some((crane) => craneShape(stage.rig, crane).fork === c)) return;
  const spindle = stage.rig.ofKind("spindle").find((s) => s.station === c.station);
  if (spindle && !c.belt) doorLive(stage, c, spindle.frame);
  else cylinderLive(stage, c);
}

/** A pneumatic cylinder that works across a belt (clamp) or stands alone (lift, door). */
function cylinderLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const half = c.belt ? rig.width / 2 + RAIL : 0.05;
  const f = c.frame;
  const z = DECK + rig.height * 0.45;
  const reach = half + 0.02 - stage.stroke(c) * (half + 0.02 - rig.size * 0.52);
  stage.add(f, 0, -half - 0.1, z, () => {
    brush.box(f, [-0.018, 0.018, -half - 0.13, -half - 0.03, PLATE, z - 0.018], palette.dark);
    brush.box(f, [-0.02, 0.02, -half - 0.13, -half - 0.03, z - 0.018, z + 0.02], palette.metal);
    brush.box(f, [-0.005, 0.005, -half - 0.03, -reach, z - 0.005, z + 0.005], palette.bright);
    brush.box(f, [-0.02, 0.02, -reach - 0.01, -reach, z - 0.014, z + 0.014], palette.bright);
  });
}

/** A pane in front of a machine that slides: stroke 1 is closed. */
function doorLive(stage: Stage, c: Component, f: Frame): void {
  const { brush, rig } = stage;
  const v = rig.width / 2 + 0.085;
  const [low, high] = [DECK - 0.01, DECK + 0.2];
  const lift = (1 - stage.stroke(c)) * (high - low) * 0.86;
  const pane = (u: number, z: number): [number, number, number] => f.world(u, v, z);
  stage.add(f, 0.2, v + 0.02, high, () => {
    for (const u of [-0.16, 0.16]) brush.box(f, [u - 0.008, u + 0.008, v - 0.008, v + 0.008, PLATE, high + 0.17], brush.palette.metal);
    const [a, b] = [low + lift, high + lift];
    brush.face([pane(-0.15, a), pane(0.15, a), pane(0.15, b), pane(-0.15, b)], brush.palette.glass, brush.palette.bright);
    brush.line(pane(-0.05, a + 0.02), pane(0.05, a + 0.02), brush.palette.bright, 2);
  });
}

function spindleStill(rig: Rig, brush: Brush, c: Component): void {
  const v = -rig.width / 2 - 0.06;
  brush.shadow(c.frame, [-0.09, 0.09, v - 0.16, v, 0, 0.4], c.frame.z + PLATE);
}

function spindleLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const f = c.frame;
  const back = -rig.width / 2 - 0.05;
  const turning = stage.on(c, "run");
  const down = turning ? 0.035 : 0;
  const low = DECK + rig.height + 0.085 - down;
  stage.add(f, 0, back, 0.3, () => {
    brush.box(f, [-0.09, 0.09, back - 0.15, back, PLATE, 0.44], palette.metal);
    brush.box(f, [-0.05, 0.05, back, back + 0.004, 0.12, 0.42], palette.dark);
  });
  stage.add(f, 0.03, 0.03, low, () => {
    brush.post(f, 0, 0, 0.008, low - 0.07, low, turning ? palette.lit : palette.bright);
    brush.box(f, [-0.055, 0.055, back, 0.045, low + 0.03, low + 0.14], palette.metal);
    brush.post(f, 0, 0, 0.026, low - 0.01, low + 0.03, palette.dark);
    brush.lamp(f.world(0.02, 0.046, low + 0.085), 0.008, turning ? palette.lit : palette.unlit, turning);
    if (turning) swirl(stage, c, low - 0.035);
  });
}

/** Two marks that go round with the tool. */
function swirl(stage: Stage, c: Component, z: number): void {
  const angle = stage.t * 14;
  for (const a of [angle, angle + Math.PI]) {
    const [u, v] = [Math.cos(a) * 0.024, Math.sin(a) * 0.024];
    stage.brush.line(c.frame.world(u * 0.4, v * 0.4, z), c.frame.world(u, v, z), stage.brush.palette.lit, 1.5);
  }
}

function feederStill(rig: Rig, brush: Brush, c: Component): void {
  const w = rig.size / 2 + 0.016;
  brush.shadow(c.frame, [-w, w, -w, w, 0, 0.4], c.frame.z + PLATE);
}

/** A magazine: an upright shaft with parts in it, and a slide that pushes the lowest one out. */
function feederLive(stage: Stage, c: Component): void {
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

// ---- bins -------------------------------------------------------------------------------------------------------

const BIN_HEIGHT = 0.055;
const BIN_COLUMNS = 2;
const BIN_WIDTH = 0.17;

function binHalf(c: Component): number {
  return (single(c.parameters["width"]) ?? BIN_WIDTH) / 2;
}

function binStill(_rig: Rig, brush: Brush, c: Component): void {
  const h = binHalf(c);
  brush.shadow(c.frame, [-h, h, -h, h, 0, PLATE + BIN_HEIGHT], c.frame.z + PLATE);
}

function binLive(stage: Stage, c: Component): void {
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
    drawPart(brush, at, z, rig.size * 0.9, rig.height, partColour(rig.layout.part.colours, part.colour), part.verdict);
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

/** What has no look of its own: a small grey box, so that nothing of a line is invisible. */
function plainLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const z = c.belt ? DECK + 0.01 : PLATE;
  const v = c.belt ? -stage.rig.width / 2 - 0.06 : 0;
  stage.add(c.frame, 0, v, z, () => brush.box(c.frame, [-0.025, 0.025, v - 0.025, v + 0.025, z, z + 0.05], brush.palette.metal));
}

/** Parts of larger things, or nothing to see. */
const HIDDEN: Look = {};

export const LOOKS: Record<string, Look> = {
  belt: { still: beltStill },
  photo_eye: { live: eyeLive },
  reader: { live: sensorLive },
  camera: { live: cameraLive },
  stopper: { live: stopperLive },
  ejector: { still: ejectorStill, live: ejectorLive },
  cylinder: { live: freeCylinderLive },
  clamp: { live: cylinderLive },
  spindle: { still: spindleStill, live: spindleLive },
  feeder: { still: feederStill, live: feederLive },
  bin: { still: binStill, live: binLive },
  rack: { still: rackStill, live: rackLive },
  crane: { live: craneLive },
  axis: HIDDEN,
};

export function lookOf(kind: string): Look {
  return LOOKS[kind] ?? { live: plainLive };
}

