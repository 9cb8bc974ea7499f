// Belts and roller conveyors, what stops parts on them, where parts come from and where they are collected.
import type { Brush } from "../brush.ts";
import { type Component, DECK, PLATE, type Rig, foot, size } from "../rig.ts";
import type { Stage } from "../stage.ts";

export const RAIL = 0.012;

export function beltStill(rig: Rig, brush: Brush, c: Component): void {
  const { palette } = brush;
  const length = rig.length(c);
  const half = rig.across(c) / 2;
  const f = c.frame;
  brush.shadow(f, [0, length, -half, half, 0, DECK * 0.9], PLATE);
  for (let u = 0.08; u < length; u += Math.max(0.3, (length - 0.16) / 3)) {
    brush.box(f, [u - 0.012, u + 0.012, -half + 0.01, -half + 0.03, foot(f), DECK - 0.03], palette.dark);
    brush.box(f, [u - 0.012, u + 0.012, half - 0.03, half - 0.01, foot(f), DECK - 0.03], palette.dark);
  }
  brush.box(f, [0, length, -half - RAIL, -half, DECK - 0.036, DECK + 0.008], palette.metal);
  brush.box(f, [0.004, length - 0.004, -half, half, DECK - 0.03, DECK], palette.rubber);
  brush.box(f, [0, length, half, half + RAIL, DECK - 0.036, DECK + 0.008], palette.metal);
  brush.box(f, [length - 0.13, length - 0.05, half + RAIL, half + 0.05, DECK - 0.07, DECK - 0.012], palette.dark);
  chevrons(rig, brush, c);
}

/** Small arrows on the near rail that say which way the belt runs. */
function chevrons(rig: Rig, brush: Brush, c: Component): void {
  const v = rig.across(c) / 2 + RAIL;
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
  const pitch = rig.sizeOn(c) * 0.62;
  const length = rig.length(c);
  const half = rig.across(c) / 2;
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

export function stopperLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const half = rig.across(c) / 2;
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


// ---- the ends of a line -----------------------------------------------------------------------------------------

/** Somebody who brings parts: a slide down to the beginning of the belt, with the next part on it. */
export function supplyStill(rig: Rig, brush: Brush, c: Component): void {
  const { palette } = brush;
  const f = c.frame;
  const half = rig.across(c) / 2 - 0.01;
  const [low, high] = [DECK, DECK + 0.07];
  brush.shadow(f, [-0.19, -0.01, -half, half, 0, DECK], PLATE);
  for (const v of [-half + 0.01, half - 0.01]) brush.box(f, [-0.19, -0.178, v - 0.006, v + 0.006, foot(f), high - 0.01], palette.dark);
  brush.face([f.world(-0.2, -half, high), f.world(-0.006, -half, low), f.world(-0.006, half, low), f.world(-0.2, half, high)], palette.metal, palette.edge);
  for (const v of [-half, half]) brush.path([f.world(-0.2, v, high + 0.02), f.world(-0.006, v, low + 0.02)], palette.bright, 2);
  for (const u of [-0.13, -0.07]) {
    const z = low + ((high - low) * -u) / 0.2 + 0.002;
    brush.path([f.world(u, -0.03, z), f.world(u + 0.03, 0, z - 0.01), f.world(u, 0.03, z)], palette.dark, 2);
  }
}

/** Somebody who takes parts away: a table beside the belt and the marked stretch that is in reach. */
export function collectionStill(rig: Rig, brush: Brush, c: Component): void {
  const { palette } = brush;
  const f = c.frame;
  const edge = rig.across(c) / 2 + RAIL + 0.015;
  const reach = Math.max(0.03, size(c, "reach", 0.04));
  brush.flat(f, -reach - rig.size / 2, reach - rig.size / 2, -rig.across(c) / 2, rig.across(c) / 2, DECK + 0.001, palette.mat);
  brush.shadow(f, [-0.1, 0.06, edge, edge + 0.13, 0, DECK], PLATE);
  for (const u of [-0.09, 0.05]) brush.box(f, [u - 0.006, u + 0.006, edge + 0.11, edge + 0.122, foot(f), DECK - 0.012], palette.dark);
  brush.box(f, [-0.1, 0.06, edge, edge + 0.13, DECK - 0.012, DECK], palette.metal);
  const [a, b, d] = [f.world(-0.05, edge + 0.03, DECK), f.world(-0.02, edge + 0.1, DECK), f.world(0.01, edge + 0.03, DECK)];
  brush.path([a, b, d], palette.dark, 2);
}
