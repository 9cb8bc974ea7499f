// Decks that hand parts on: transfer, turntable, elevator. Their frame is their centre.
import type { Brush, Frame } from "../brush.ts";
import { levelsOf } from "../ground.ts";
import { deckPose } from "../hold.ts";
import { type Component, DECK, PLATE, type Rig, foot, size } from "../rig.ts";
import type { Stage } from "../stage.ts";

const half = (c: Component): number => size(c, "length", 0.2) / 2 - 0.004;

/** A square of rollers across its heading, at height z. */
function rollers(brush: Brush, f: Frame, h: number, z: number): void {
  const { palette } = brush;
  brush.box(f, [-h, h, -h, h, z - 0.034, z - 0.006], palette.rubber);
  for (const v of [-h, h - 0.012]) brush.box(f, [-h, h, v, v + 0.012, z - 0.036, z + 0.004], palette.metal);
  for (let u = -h + 0.02; u < h - 0.004; u += 0.032) brush.path([f.world(u, -h + 0.014, z), f.world(u, h - 0.014, z)], palette.metal, Math.max(1.4, 0.012 * brush.camera.pixelsPerMetre));
}

function legs(brush: Brush, f: Frame, h: number, top: number): void {
  for (const [u, v] of [[-h, -h], [h - 0.014, -h], [-h, h - 0.014], [h - 0.014, h - 0.014]] as const) {
    brush.box(f, [u, u + 0.014, v, v + 0.014, foot(f), top], brush.palette.dark);
  }
}

export function transferStill(_rig: Rig, brush: Brush, c: Component): void {
  const h = half(c);
  brush.shadow(c.frame, [-h, h, -h, h, 0, DECK * 0.9], PLATE);
  legs(brush, c.frame, h, DECK - 0.034);
  rollers(brush, c.frame, h, DECK);
}

/** Its chains rise between the rollers while they carry to a side. */
export function transferLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const h = half(c);
  const up = stage.on(c, "left", "right");
  stage.add(c.frame, 0, 0, DECK - 0.02, () => {
    for (const u of [-h * 0.5, h * 0.5]) {
      const z = up ? DECK + 0.006 : DECK - 0.004;
      brush.box(c.frame, [u - 0.008, u + 0.008, -h + 0.016, h - 0.016, z - 0.008, z], up ? brush.palette.lit : brush.palette.dark);
    }
  });
}

export function turntableStill(_rig: Rig, brush: Brush, c: Component): void {
  const r = half(c) * 0.8;
  brush.shadow(c.frame, [-r, r, -r, r, 0, DECK * 0.8], PLATE);
  brush.drum(c.frame, 0, 0, r, foot(c.frame), DECK - 0.05, brush.palette.dark);
}

export function turntableLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const { turn } = deckPose(c, stage.scene, stage.t);
  const f = c.frame.turned(turn);
  const h = half(c);
  stage.add(c.frame, 0, 0, DECK - 0.02, () => {
    brush.drum(f, 0, 0, h * 1.02, DECK - 0.05, DECK - 0.036, brush.palette.metal);
    rollers(brush, f, h * 0.86, DECK);
    brush.box(f, [h * 0.86, h, -0.02, 0.02, DECK - 0.03, DECK - 0.008], brush.palette.lit); // its forward end
  });
}

export function elevatorStill(_rig: Rig, brush: Brush, c: Component): void {
  const h = half(c);
  brush.shadow(c.frame, [-h, h, -h, h, 0, 0.4], PLATE);
  brush.box(c.frame, [-h, h, -h, h, foot(c.frame), foot(c.frame) + 0.03], brush.palette.dark);
}

/** Two masts beside the way of the parts, and the platform between them. */
export function elevatorLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const { palette } = brush;
  const f = c.frame;
  const { lift } = deckPose(c, stage.scene, stage.t);
  const h = half(c);
  const levels = levelsOf(c);
  const top = DECK + Math.max(...levels) + 0.2;
  const mast = (v: number): void => brush.box(f, [-0.018, 0.018, v - 0.012, v + 0.012, foot(f), top], palette.metal);
  stage.add(f, 0, -h - 0.016, top, () => mast(-h - 0.016));
  stage.add(f, 0, 0, DECK + lift - 0.02, () => {
    rollers(brush, f.moved(0, 0, lift), h, DECK);
    for (const level of levels) {
      brush.path([f.world(-0.03, -h - 0.03, DECK + level), f.world(0.03, -h - 0.03, DECK + level)], palette.groove, 2);
    }
  });
  stage.add(f, 0, h + 0.06, top, () => {
    mast(h + 0.016);
    brush.box(f, [-0.02, 0.02, -h - 0.03, h + 0.03, top, top + 0.02], palette.metal);
  });
}
