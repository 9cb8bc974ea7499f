// What has to do with orders and labels: the desk's screen, small modules of the control, RFID antennas, label printers.
import { type Component, DECK, PLATE } from "../rig.ts";
import type { Stage } from "../stage.ts";
import { screen } from "./panel.ts";

const HIGH = 0.19;
/** Ports that say that such a module is at work. */
const ACTIVE = ["request", "taken", "write", "count", "on", "run"];

/** A terminal with the number of pieces that wait. */
export function deskLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const { palette } = brush;
  stage.add(c.frame, 0, 0, HIGH, () => {
    brush.box(c.frame, [-0.06, 0.06, -0.04, 0.04, PLATE, PLATE + 0.014], palette.dark);
    brush.post(c.frame, 0, 0, 0.012, PLATE + 0.014, HIGH, palette.dark);
    screen(brush, c.frame.moved(0, 0, HIGH), 0.09, String(stage.value(c, "waiting") ?? 0));
    brush.text(c.frame.world(0, 0, HIGH + 0.15), stage.title(c), 0.036, palette.dim, 11);
  });
}

/** A module on a rail: a flat box whose lamp says that it is at work; a job shows type and order. */
export function slotLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const { palette } = brush;
  const lit = stage.on(c, ...ACTIVE);
  stage.add(c.frame, 0, 0, PLATE + 0.06, () => {
    brush.box(c.frame, [-0.07, 0.07, -0.03, 0.03, PLATE, PLATE + 0.05], palette.metal);
    brush.lamp(c.frame.world(0.05, 0.02, PLATE + 0.052), 0.009, lit ? palette.lit : palette.unlit, lit);
    const order = stage.value(c, "order");
    if (c.kind === "job" && order) brush.text(c.frame.world(-0.02, 0.03, PLATE + 0.07), `#${order}`, 0.036, palette.ink, 10);
  });
}

/** A flat antenna beside the place that it looks at. */
export function rfidLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const v = c.belt ? rig.across(c) / 2 + 0.05 : rig.size;
  const lit = stage.on(c, "read", "write");
  stage.add(c.frame, 0, v, DECK + 0.05, () => {
    brush.box(c.frame, [-0.008, 0.008, v - 0.008, v + 0.008, PLATE, DECK], palette.dark);
    brush.box(c.frame, [-0.04, 0.04, v - 0.012, v + 0.012, DECK - 0.01, DECK + 0.06], palette.dark);
    brush.lamp(c.frame.world(0.028, v + 0.013, DECK + 0.045), 0.007, lit ? palette.lit : palette.unlit, lit);
  });
}

/** A roll of labels over the belt, with what it printed last. */
export function printerLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const back = -rig.across(c) / 2 - 0.05;
  const low = DECK + rig.height + 0.03;
  const ready = stage.value(c, "ready") !== false;
  stage.add(c.frame, 0, 0.02, low + 0.1, () => {
    brush.box(c.frame, [-0.02, 0.02, back - 0.02, back + 0.02, PLATE, low + 0.12], palette.metal);
    brush.box(c.frame, [-0.06, 0.06, back, 0.03, low, low + 0.1], palette.dark);
    brush.box(c.frame, [-0.03, 0.03, -0.02, 0.02, low - (stage.on(c, "print") ? 0.025 : 0.008), low], palette.bright);
    brush.lamp(c.frame.world(0.045, 0.031, low + 0.08), 0.008, ready ? palette.lit : "#d64545", true);
    const serial = stage.value(c, "serial");
    if (serial) brush.text(c.frame.world(0, 0.03, low + 0.045), String(serial), 0.036, palette.screen, 9);
  });
}
