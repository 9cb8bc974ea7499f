// Machines that hold parts in themselves: oven and machining centre; and what drives and meters: motor, energy meter.
import type { Brush } from "../brush.ts";
import type { Point3 } from "../camera.ts";
import { type Component, DECK, PLATE, type Rig } from "../rig.ts";
import { feedOf } from "../sizes.ts";
import type { Stage } from "../stage.ts";

const OVEN = { half: 0.13, deep: 0.12, top: 0.36 };

export function ovenStill(_rig: Rig, brush: Brush, c: Component): void {
  brush.shadow(c.frame, [-OVEN.half, OVEN.half, -OVEN.deep, OVEN.deep, 0, OVEN.top], PLATE);
}

/** A chamber open to the viewer, a feeder that comes out of it, a door that slides down before it. */
export function ovenLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const f = c.frame;
  const { half, deep, top } = OVEN;
  const heater = rig.named(c, "heater")[0];
  const hot = heater !== undefined && stage.on(heater, "on", "regulate");
  const door = rig.named(c, "door")[0];
  const out = feedOf(rig, c, (name) => stage.scene.position(name, stage.t));
  stage.add(f, 0, -deep, top, () => {
    brush.box(f, [-half, half, -deep, deep - 0.01, PLATE, DECK - 0.02], palette.metal);
    brush.box(f, [-half, half, -deep, -deep + 0.02, DECK - 0.02, top], palette.dark);
    brush.box(f, [-half, -half + 0.02, -deep, deep - 0.01, DECK - 0.02, top], palette.metal);
    inside(brush, [f.world(-half + 0.02, -deep + 0.021, DECK), f.world(half, -deep + 0.021, DECK), f.world(half, -deep + 0.021, top), f.world(-half + 0.02, -deep + 0.021, top)], hot);
  });
  stage.add(f, 0, out - 0.02, DECK - 0.02, () => {
    const tray = (): void => brush.box(f, [-0.06, 0.06, out - 0.06, out + 0.06, DECK - 0.02, DECK - 0.002], palette.bright);
    stage.credit(rig.named(c, "feeder")[0]?.name, tray);
  });
  stage.add(f, half, deep - 0.03, top, () => {
    brush.box(f, [half - 0.02, half, -deep, deep - 0.01, DECK - 0.02, top], palette.metal);
    brush.box(f, [-half, half, -deep, deep - 0.01, top, top + 0.02], palette.metal);
    if (heater) stage.credit(heater.name, () => brush.text(f.world(0, 0, top + 0.06), stage.reader.shown(stage.tag(heater, "temperature")), 0.045, palette.ink, 12));
    if (door) {
      const low = DECK + (top - DECK - 0.03) * (1 - stage.stroke(door));
      stage.credit(door.name, () => brush.box(f, [-half + 0.02, half - 0.02, deep - 0.012, deep, low, top], palette.dark));
    }
  });
}

function inside(brush: Brush, glow: Point3[], hot: boolean): void {
  brush.face(glow, hot ? "#a8552f" : brush.palette.rubber);
}

const CELL = { half: 0.19, deep: 0.17, top: 0.56, floor: DECK - 0.02 };

export function machiningStill(_rig: Rig, brush: Brush, c: Component): void {
  brush.shadow(c.frame, [-CELL.half, CELL.half, -CELL.deep, CELL.deep, 0, CELL.top], PLATE);
}

/** A housing with a window; behind it the table, jaws that close, and a spindle that comes down while it cuts. */
export function machiningLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const f = c.frame;
  const { half, deep, top, floor } = CELL;
  const cuts = stage.on(c, "running");
  const shut = stage.on(c, "clamped") ? 0 : 0.02;
  const low = DECK + rig.tallest + (cuts ? 0.03 : 0.12);
  stage.add(f, 0, -deep, top, () => {
    brush.box(f, [-half, half, -deep, deep, PLATE, floor], palette.metal);
    brush.box(f, [-half, half, -deep, -deep + 0.02, floor, top], palette.dark);
    brush.box(f, [-half, -half + 0.02, -deep, deep, floor, top], palette.metal);
    brush.box(f, [-0.09, 0.09, -0.06, 0.06, floor, DECK - 0.002], palette.dark);
    for (const side of [-1, 1]) {
      const u = side * (rig.size / 2 + 0.012 + shut);
      brush.box(f, [u - 0.01, u + 0.01, -0.03, 0.03, DECK - 0.002, DECK + 0.02], palette.bright);
    }
  });
  stage.add(f, 0, 0.03, low, () => {
    brush.post(f, 0, 0, 0.008, low - 0.03, low + 0.04, cuts ? palette.lit : palette.bright);
    brush.post(f, 0, 0, 0.03, low + 0.03, top - 0.03, palette.metal);
    if (!cuts) return;
    for (const turn of [0, Math.PI]) {
      const a = stage.t * 14 + turn;
      brush.line(f.world(Math.cos(a) * 0.012, Math.sin(a) * 0.012, low - 0.02), f.world(Math.cos(a) * 0.03, Math.sin(a) * 0.03, low - 0.02), palette.lit, 1.5);
    }
  });
  stage.add(f, half, deep, top, () => {
    brush.box(f, [half - 0.02, half, -deep, deep, floor, top], palette.metal);
    brush.box(f, [-half, half, -deep, deep, top - 0.03, top], palette.metal);
    const pane = [f.world(-half + 0.02, deep, floor), f.world(half - 0.02, deep, floor), f.world(half - 0.02, deep, top - 0.03), f.world(-half + 0.02, deep, top - 0.03)];
    brush.face(pane, palette.glass, palette.bright);
    brush.lamp(f.world(half - 0.04, deep, top - 0.014), 0.01, stage.on(c, "error") ? "#d9534f" : cuts ? palette.lit : palette.unlit, cuts || stage.on(c, "error"));
  });
}

/** A ribbed drum on feet, with a fan that turns. */
export function motorLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const { palette } = brush;
  const f = c.frame;
  const turns = stage.on(c, "running");
  stage.add(f, 0, 0.04, 0.12, () => {
    brush.shadow(f, [-0.08, 0.08, -0.045, 0.045, 0, 0.13], PLATE);
    brush.box(f, [-0.06, 0.06, -0.04, 0.04, PLATE, PLATE + 0.015], palette.dark);
    brush.box(f, [-0.06, 0.06, -0.042, 0.042, PLATE + 0.015, PLATE + 0.1], palette.metal);
    for (const z of [0.055, 0.075, 0.095, 0.115]) brush.line(f.world(-0.058, 0.043, z), f.world(0.058, 0.043, z), palette.dark, 1);
    brush.box(f, [0.06, 0.1, -0.008, 0.008, PLATE + 0.05, PLATE + 0.066], palette.bright);
    brush.box(f, [-0.02, 0.02, -0.02, 0.02, PLATE + 0.1, PLATE + 0.125], palette.dark);
    const bad = stage.on(c, "fault");
    brush.lamp(f.world(0, 0.021, PLATE + 0.113), 0.008, bad ? "#d9534f" : turns ? palette.lit : palette.unlit, bad || turns);
  });
}

/** A small cabinet with a screen that says the power. */
export function meterLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const { palette } = brush;
  const f = c.frame;
  stage.add(f, 0, 0.03, 0.3, () => {
    brush.shadow(f, [-0.07, 0.07, -0.03, 0.03, 0, 0.3], PLATE);
    brush.box(f, [-0.07, 0.07, -0.03, 0.03, PLATE, 0.3], palette.metal);
    const screen = [f.world(-0.055, 0.031, 0.2), f.world(0.055, 0.031, 0.2), f.world(0.055, 0.031, 0.27), f.world(-0.055, 0.031, 0.27)];
    brush.face(screen, palette.rubber, palette.bright);
    brush.text(f.world(0, 0.031, 0.235), stage.reader.shown(stage.tag(c, "power")), 0.03, palette.screen, 9);
  });
}
