// What people press and look at beside a station's own panel: on a post each. Lamps and numbers are the tags'.
import type { Brush, Frame } from "../brush.ts";
import { LAMP, type LampColour, shade } from "../palette.ts";
import { type Component, PLATE } from "../rig.ts";
import type { Stage } from "../stage.ts";

const HIGH = 0.19; // of the things on the posts

/** A dark screen with bright figures on it; the frame is the middle of its lower edge. */
export function screen(brush: Brush, f: Frame, least: number, words: string): void {
  const half = Math.max(least, words.length * 0.0145);
  brush.box(f, [-half, half, -0.014, 0.014, 0, 0.075], brush.palette.metal);
  const front = 0.0145;
  brush.face([f.world(-half + 0.008, front, 0.01), f.world(half - 0.008, front, 0.01), f.world(half - 0.008, front, 0.065), f.world(-half + 0.008, front, 0.065)], brush.palette.unlit);
  brush.text(f.world(0, front, 0.037), words, 0.045, brush.palette.screen);
}

function post(brush: Brush, c: Component): void {
  brush.box(c.frame, [-0.03, 0.03, -0.02, 0.02, PLATE, PLATE + 0.012], brush.palette.dark);
  brush.post(c.frame, 0, 0, 0.009, PLATE + 0.012, HIGH, brush.palette.dark);
}

/** Words over a thing on a post, where there is room for them. */
function caption(stage: Stage, c: Component, top: number, width = 0.28): void {
  const { brush } = stage;
  const words = stage.title(c);
  const pixels = brush.camera.pixelsPerMetre;
  const room = Math.floor((pixels * width) / (/[^\x00-\xff]/.test(words) ? 12 : 6.5));
  if (words && room > 3) brush.text(c.frame.world(0, 0, top + 0.03), words.length > room ? `${words.slice(0, room - 1)}…` : words, 0.032, brush.palette.dim, 11);
}

export function displayLive(stage: Stage, c: Component): void {
  const decimal = stage.value(c, "decimal");
  stage.add(c.frame, 0, 0, HIGH, () => {
    post(stage.brush, c);
    screen(stage.brush, c.frame.moved(0, 0, HIGH), 0.08, stage.reader.shown(stage.tag(c, decimal === undefined ? "" : "decimal")));
    caption(stage, c, HIGH + 0.115);
  });
}

export function buttonLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const pressed = stage.on(c, "");
  const lit = stage.on(c, "lamp");
  stage.add(c.frame, 0, 0, HIGH, () => {
    post(brush, c);
    brush.box(c.frame, [-0.04, 0.04, -0.035, 0.035, HIGH, HIGH + 0.05], brush.palette.metal);
    brush.post(c.frame, 0, 0, 0.024, HIGH + 0.05, HIGH + (pressed ? 0.054 : 0.07), lit ? LAMP.green : brush.palette.dark);
    if (lit) brush.lamp(c.frame.world(0, 0, HIGH + 0.072), 0.014, LAMP.green, true);
    caption(stage, c, HIGH + 0.09);
  });
}

export function selectorLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const f = c.frame;
  const at = Number(stage.value(c, "") ?? 0);
  const turn = ((at - 0.5) * Math.PI) / 3;
  stage.add(f, 0, 0, HIGH, () => {
    post(brush, c);
    brush.box(f, [-0.04, 0.04, -0.035, 0.035, HIGH, HIGH + 0.05], brush.palette.metal);
    brush.post(f, 0, 0, 0.024, HIGH + 0.05, HIGH + 0.062, brush.palette.dark);
    const [u, v] = [Math.sin(turn) * 0.03, -Math.cos(turn) * 0.03];
    brush.path([f.world(-u * 0.6, -v * 0.6, HIGH + 0.066), f.world(u, v, HIGH + 0.066)], brush.palette.bright, Math.max(2, 0.012 * brush.camera.pixelsPerMetre));
    brush.text(f.world(0, 0.036, HIGH + 0.024), String(at), 0.03, brush.palette.mark);
    caption(stage, c, HIGH + 0.09);
  });
}

export function estopLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const pushed = stage.value(c, "ok") === false;
  stage.add(c.frame, 0, 0, HIGH, () => {
    post(brush, c);
    brush.box(c.frame, [-0.04, 0.04, -0.035, 0.035, HIGH, HIGH + 0.05], LAMP.yellow);
    const top = HIGH + (pushed ? 0.062 : 0.08);
    brush.post(c.frame, 0, 0, 0.012, HIGH + 0.05, top - 0.014, brush.palette.dark);
    brush.post(c.frame, 0, 0, 0.028, top - 0.014, top, LAMP.red);
    if (pushed) brush.lamp(c.frame.world(0, 0, top), 0.016, LAMP.red, true);
    caption(stage, c, HIGH + 0.09);
  });
}

const SEGMENTS: LampColour[] = ["blue", "green", "yellow", "red"]; // from below

export function stackLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const f = c.frame;
  const there = SEGMENTS.filter((colour) => colour !== "blue" || stage.value(c, "blue") !== undefined);
  stage.add(f, 0, 0, 0.3, () => {
    post(brush, c);
    there.forEach((colour, i) => {
      const lit = stage.on(c, colour);
      const z = HIGH + i * 0.044;
      brush.post(f, 0, 0, 0.024, z, z + 0.042, lit ? LAMP[colour] : shade(LAMP[colour], 0.34));
      if (lit) brush.lamp(f.world(0, 0.01, z + 0.022), 0.016, LAMP[colour], true);
    });
    caption(stage, c, HIGH + there.length * 0.044);
  });
}
