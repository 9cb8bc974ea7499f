// The track on the floor, the vehicles on it, and the arms that load them.
import type { Scene } from "../../scene.ts";
import { type Brush, Frame } from "../brush.ts";
import type { Point3 } from "../camera.ts";
import { type Component, DECK, PLATE, type Rig, size } from "../rig.ts";
import type { Stage } from "../stage.ts";

const HALF = { long: 0.17, wide: 0.11 }; // of a vehicle
const TOP = 0.12; // its load deck, over the floor
const OVER = 0.16; // how high an arm carries, over a tray

/** Lines to its neighbours and a mark for the node itself; a dock is framed, a charger has a lamp-post. */
export function nodeStill(rig: Rig, brush: Brush, c: Component): void {
  const { palette } = brush;
  const floor = PLATE + 0.003; // computed here: the rig, which knows the plate, is loaded after the looks
  const [x, y] = c.frame.world(0, 0);
  for (const other of rig.named(c, "to")) {
    const [bx, by] = other.frame.world(0, 0);
    brush.line([x, y, floor], [bx, by, floor], palette.accent, 2);
  }
  const f = new Frame(x, y, 0, 0);
  if (c.kind === "agv_dock") brush.flat(f, -HALF.long - 0.03, HALF.long + 0.03, -HALF.wide - 0.03, HALF.wide + 0.03, floor, palette.mat, palette.accent);
  brush.flat(f, -0.025, 0.025, -0.025, 0.025, floor, palette.accent);
  if (c.kind === "agv_charger") {
    brush.box(f, [HALF.long + 0.05, HALF.long + 0.11, -0.05, 0.05, PLATE, 0.2], palette.metal);
    brush.box(f, [HALF.long + 0.04, HALF.long + 0.05, -0.03, 0.03, 0.07, 0.1], palette.bright);
  }
}

/** Where a vehicle is and which way it points. */
export function agvFrame(c: Component, scene: Scene, t: number): Frame {
  if (!scene.hasMoved(`${c.name}.x`)) return c.frame;
  return new Frame(scene.position(`${c.name}.x`, t) / 1000, scene.position(`${c.name}.y`, t) / 1000, 0, scene.position(`${c.name}.turn`, t));
}

/** The bays stand in a row, the first in front. */
export function bayAt(c: Component, scene: Scene, t: number, place: string | number | null): Point3 {
  const bays = Math.max(1, Math.round(size(c, "bays", 3)));
  const pitch = (2 * HALF.long - 0.04) / bays;
  return agvFrame(c, scene, t).world(HALF.long - 0.02 - pitch * (Number(place) + 0.5), 0, PLATE + TOP);
}

export function agvLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const { palette } = brush;
  const f = agvFrame(c, stage.scene, stage.t);
  const state = Number(stage.value(c, "state") ?? 0);
  const trouble = state >= 9 && state <= 11;
  const charge = Number(stage.value(c, "battery") ?? 100) / 100;
  stage.add(f, 0, -0.06, PLATE, () => {
    brush.shadow(f, [-HALF.long, HALF.long, -HALF.wide, HALF.wide, 0, TOP], PLATE);
    for (const u of [-0.1, 0.1]) brush.box(f, [u - 0.03, u + 0.03, -HALF.wide - 0.004, HALF.wide + 0.004, PLATE, PLATE + 0.03], palette.rubber);
    brush.box(f, [-HALF.long, HALF.long, -HALF.wide, HALF.wide, PLATE + 0.02, PLATE + TOP - 0.012], palette.metal);
    brush.box(f, [-HALF.long + 0.01, HALF.long - 0.01, -HALF.wide + 0.01, HALF.wide - 0.01, PLATE + TOP - 0.012, PLATE + TOP], palette.dark);
    brush.flat(f, HALF.long - 0.03, HALF.long - 0.012, -0.05, 0.05, PLATE + TOP + 0.001, palette.bright);
    brush.lamp(f.world(-HALF.long + 0.03, HALF.wide - 0.03, PLATE + TOP), 0.009, trouble ? "#d64545" : state === 3 ? palette.lit : palette.unlit, trouble || state === 3);
  });
  stage.add(f, 0, 0.1, PLATE + 0.3, () => {
    const words = `${stage.title(c)}  ${Math.round(charge * 100)} %`;
    const [x, y] = f.world(0, 0);
    brush.text([x, y, PLATE + TOP + 0.1], words, 0.04, charge < 0.25 ? palette.accent : palette.dim, 11);
  });
}

/** How far along its path an arm is, metres. */
function reached(c: Component, scene: Scene, t: number): number {
  const positions = c.parameters["positions"];
  const first = Array.isArray(positions) ? (positions[0] ?? 0) : 0;
  return scene.hasMoved(c.name) ? scene.position(c.name, t) / 1000 : first;
}

export function armTip(c: Component, scene: Scene, t: number, height: number): Point3 {
  return c.frame.world(reached(c, scene, t), 0, DECK + OVER - height);
}

/** A beam over its places with a carriage and fingers on it. */
export function armLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const f = c.frame;
  const positions = Array.isArray(c.parameters["positions"]) ? c.parameters["positions"] : [0];
  const [low, high] = [Math.min(...positions), Math.max(...positions)];
  const u = reached(c, stage.scene, stage.t);
  const z = DECK + OVER + 0.09;
  const closed = stage.on(c, "holding") ? rig.size * 0.5 : rig.size * 0.62;
  const side = 0.09;
  stage.add(f, (low + high) / 2, side, z, () => {
    brush.box(f, [high * 0.6 - 0.014, high * 0.6 + 0.014, side - 0.014, side + 0.014, PLATE, z], palette.dark);
    brush.box(f, [low - 0.03, high + 0.03, side - 0.016, side + 0.016, z, z + 0.03], palette.metal);
  });
  stage.add(f, u, 0.02, z, () => {
    brush.box(f, [u - 0.02, u + 0.02, -0.02, side, z + 0.004, z + 0.026], palette.bright);
    brush.post(f, u, 0, 0.012, DECK + OVER + 0.03, z + 0.004, palette.bright);
    brush.box(f, [u - closed, u + closed, -0.012, 0.012, DECK + OVER + 0.015, DECK + OVER + 0.03], palette.dark);
    for (const a of [-closed, closed]) brush.box(f, [u + a - 0.006, u + a + 0.006, -0.014, 0.014, DECK + OVER - 0.02, DECK + OVER + 0.02], palette.dark);
  });
}

/** A low table for one part. */
export function trayStill(rig: Rig, brush: Brush, c: Component): void {
  const half = rig.size * 0.75;
  brush.shadow(c.frame, [-half, half, -half, half, 0, DECK], PLATE);
  brush.box(c.frame, [-half * 0.5, half * 0.5, -half * 0.5, half * 0.5, PLATE, DECK - 0.02], brush.palette.dark);
  brush.box(c.frame, [-half, half, -half, half, DECK - 0.02, DECK - 0.002], brush.palette.metal);
}
