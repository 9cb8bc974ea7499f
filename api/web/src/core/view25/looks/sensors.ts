// Sensors beside and above a belt. What they see is said by their lamps.
import { type Component, DECK, foot, size } from "../rig.ts";
import type { Stage } from "../stage.ts";
import { LAMP } from "../palette.ts";
import { RAIL } from "./belts.ts";
import { screen } from "./panel.ts";

export function eyeLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const edge = rig.across(c) / 2 + RAIL;
  const z = DECK + (c.kind === "high_eye" ? size(c, "height", 0.05) : rig.height * 0.5);
  const f = c.frame;
  const position = c.belt ? c.belt.frame.local(f.x, f.y)[0] : 0;
  const lit = stage.on(c, "");
  const blocked = c.kind === "high_eye" ? lit : c.belt !== null && stage.covered(c.belt, position);
  stage.add(f, 0, -edge - 0.03, z, () => {
    brush.box(f, [-0.006, 0.006, -edge - 0.022, -edge - 0.01, DECK, z], palette.dark);
    brush.box(f, [-0.014, 0.014, -edge - 0.03, -edge - 0.004, z - 0.014, z + 0.016], palette.metal);
  });
  if (!blocked) stage.add(f, 0, 0, z, () => brush.line(f.world(0, -edge, z), f.world(0, edge, z), palette.beam));
  stage.add(f, 0.02, edge + 0.03, z, () => {
    brush.box(f, [-0.006, 0.006, edge + 0.01, edge + 0.022, foot(f), z], palette.dark);
    brush.box(f, [-0.016, 0.016, edge + 0.004, edge + 0.032, z - 0.016, z + 0.018], lit ? palette.bright : palette.dark);
    brush.lamp(f.world(0, edge + 0.02, z + 0.02), 0.009, lit ? palette.lit : palette.unlit, lit);
  });
}

export function cameraLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const edge = rig.across(c) / 2 + 0.05;
  const top = DECK + 0.25;
  const f = c.frame;
  const active = stage.on(c, "trigger");
  stage.add(f, 0, -edge - 0.02, top, () => {
    brush.box(f, [-0.012, 0.012, -edge - 0.012, -edge + 0.012, DECK, top], palette.metal);
  });
  stage.add(f, 0.03, edge, top, () => {
    const cone = [f.world(0, 0, top - 0.07), f.world(-0.05, 0.03, DECK), f.world(0.05, 0.03, DECK)];
    brush.face(cone, active ? "rgba(244,247,249,0.34)" : palette.glass);
    brush.box(f, [-0.03, 0.03, -0.03, 0.03, top - 0.085, top - 0.012], palette.dark);
    brush.post(f, 0, 0, 0.018, top - 0.11, top - 0.085, active ? palette.lit : palette.unlit);
    brush.box(f, [-0.012, 0.012, -edge - 0.012, edge + 0.012, top - 0.012, top + 0.012], palette.metal);
    brush.box(f, [-0.012, 0.012, edge - 0.012, edge + 0.012, foot(f), top - 0.012], palette.metal);
  });
}

/** A sensor on an arm above the belt: colour, height, distance, code reader. What it measures is written over it. */
export function sensorLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const edge = rig.across(c) / 2 + 0.035;
  const top = DECK + Math.max(0.17, rig.tallest + 0.1);
  const f = c.frame;
  const lit = stage.on(c, "part");
  const measured = stage.value(c, "height");
  if (typeof measured === "number") {
    stage.add(f, 0, 0.05, top, () => brush.text(f.world(0, -edge, top + 0.05), measured.toFixed(0), 0.04, palette.ink));
  }
  stage.add(f, 0, 0.02, top, () => {
    brush.box(f, [-0.009, 0.009, -edge - 0.009, -edge + 0.009, DECK, top], palette.metal);
    brush.box(f, [-0.009, 0.009, -edge - 0.009, 0.01, top - 0.01, top + 0.01], palette.metal);
    brush.post(f, 0, 0, 0.02, top - 0.06, top - 0.01, palette.dark);
    brush.lamp(f.world(0, 0.02, top - 0.03), 0.007, lit ? palette.lit : palette.unlit, lit);
  });
}


/** Two upright bars with beams between them; those that a part interrupts are not drawn. */
export function curtainLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const edge = rig.across(c) / 2 + RAIL;
  const f = c.frame;
  const [beams, lowest, pitch] = [size(c, "beams", 20), size(c, "lowest", 0.005), size(c, "pitch", 0.01)];
  const top = DECK + lowest + (beams - 1) * pitch + 0.02;
  const count = Number(stage.value(c, "count") ?? 0);
  const lit = stage.on(c, "blocked");
  stage.add(f, 0, -edge - 0.02, top, () => brush.box(f, [-0.012, 0.012, -edge - 0.03, -edge - 0.006, DECK - 0.01, top], palette.metal));
  stage.add(f, 0, 0, DECK, () => {
    const step = Math.max(1, Math.round(beams / 12));
    for (let i = count; i < beams; i += step) {
      const z = DECK + lowest + i * pitch;
      brush.line(f.world(0, -edge, z), f.world(0, edge, z), palette.beam);
    }
  });
  stage.add(f, 0.02, edge + 0.03, top, () => {
    brush.box(f, [-0.012, 0.012, edge + 0.006, edge + 0.03, foot(f), top], lit ? palette.bright : palette.dark);
    brush.lamp(f.world(0, edge + 0.02, top + 0.006), 0.008, lit ? palette.lit : palette.unlit, lit);
  });
}

/** A barrel that points at the parts from the side: inductive from the near one, capacitive from the far one. */
export function barrelLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const side = c.kind === "inductive" ? 1 : -1;
  const edge = rig.across(c) / 2 + RAIL;
  const f = c.frame;
  const z = DECK + rig.height * 0.45;
  const [tip, end] = [side * (edge - 0.012), side * (edge + 0.06)];
  const lit = stage.on(c, "");
  stage.add(f, 0.01, side * (edge + 0.03), z, () => {
    brush.box(f, [-0.008, 0.008, ...span(side * (edge + 0.02), side * (edge + 0.036)), side > 0 ? foot(f) : DECK - 0.014, z - 0.012], palette.dark);
    brush.box(f, [-0.012, 0.012, ...span(tip, end), z - 0.012, z + 0.012], palette.bright);
    brush.box(f, [-0.0125, 0.0125, ...span(tip, tip + side * 0.014), z - 0.0125, z + 0.0125], side > 0 ? LAMP.blue : LAMP.yellow);
    brush.lamp(f.world(0, side * (edge + 0.05), z + 0.014), 0.008, lit ? palette.lit : palette.unlit, lit);
  });
}

const span = (a: number, b: number): [number, number] => [Math.min(a, b), Math.max(a, b)];

/** A plate under a stretch of the belt, and a box that shows the weight. */
export function scaleLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const plate = size(c, "plate", 0.3);
  const half = rig.across(c) / 2 + RAIL;
  const f = c.frame;
  const v = half + 0.09;
  const stable = stage.on(c, "stable");
  stage.add(f, plate / 2, half + 0.005, DECK - 0.06, () => {
    brush.box(f, [0, plate, half, half + 0.014, DECK - 0.062, DECK - 0.036], palette.bright);
    for (const u of [0.02, plate - 0.02]) brush.box(f, [u - 0.012, u + 0.012, half, half + 0.012, foot(f), DECK - 0.062], palette.metal);
  });
  stage.add(f, plate / 2, v + 0.02, DECK + 0.05, () => {
    brush.box(f, [plate / 2 - 0.008, plate / 2 + 0.008, v - 0.008, v + 0.008, foot(f), DECK - 0.03], palette.dark);
    screen(brush, f.moved(plate / 2, v, DECK - 0.03), 0.085, stage.reader.shown(stage.tag(c, "weight")));
    brush.lamp(f.world(plate / 2 + 0.07, v + 0.014, DECK + 0.035), 0.007, stable ? palette.lit : palette.unlit, stable);
  });
}
