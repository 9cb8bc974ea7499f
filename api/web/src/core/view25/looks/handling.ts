// What carries parts through the air: axes and cylinders, grippers and cups, spots, indexing tables.
import type { Brush } from "../brush.ts";
import { Frame } from "../brush.ts";
import type { Point, Point3 } from "../camera.ts";
import { GRIPS, beamEnds, beamHeight, carriedBy, floorAt, floorOf, poseOf, rangeOf, reachOf, tipHeight, travelled } from "../reach.ts";
import { type Component, DECK, PLATE, type Rig, size } from "../rig.ts";
import { partColour } from "../palette.ts";
import { drawPart } from "../part.ts";
import type { Stage } from "../stage.ts";
import { tableOf } from "../sizes.ts";

const BACK = 0.11; // of a beam behind what it carries

/** A mover that carries a grip along x, y or z; false where it carries none. */
export function moverLive(stage: Stage, c: Component): boolean {
  const carried = carriedBy(stage.rig, c);
  if (!carried) return false;
  DIRECTIONS[carried[1]]?.(stage, c, carried[0]);
  return true;
}

const DIRECTIONS: Record<string, (stage: Stage, mover: Component, grip: Component) => void> = { x: beamLive, y: armLive, z: rodLive };

interface Beam {
  f: Frame;
  length: number;
  /** Across: a beam is always behind what it carries, as seen. */
  v: number;
  z: number;
}

function beamOf(rig: Rig, grip: Component, mover: Component): Beam {
  const [a, b] = beamEnds(rig, grip, mover);
  const heading = (Math.atan2(b[1] - a[1], b[0] - a[0]) * 180) / Math.PI;
  const v = heading > 90 || heading < -90 ? BACK : -BACK;
  return { f: new Frame(a[0], a[1], 0, heading), length: Math.hypot(b[0] - a[0], b[1] - a[1]), v, z: beamHeight(rig, grip) };
}

/** The legs of a beam; none stands on an indexing table. */
export function beamBack(rig: Rig, brush: Brush, mover: Component): void {
  const carried = carriedBy(rig, mover);
  if (carried?.[1] !== "x") return;
  const { f, length, v, z } = beamOf(rig, carried[0], mover);
  for (const end of [-0.06, length + 0.06]) {
    const [x, y] = f.world(end, v);
    const onTable = rig.ofKind("index_table").some((t) => Math.hypot(t.frame.x - x, t.frame.y - y) < tableOf(rig, t).radius + rig.size);
    if (!onTable) brush.box(f, [end - 0.014, end + 0.014, v - 0.014, v + 0.014, PLATE, z - 0.02], brush.palette.dark);
  }
}

/** The beam along x with its carriage. */
function beamLive(stage: Stage, mover: Component, grip: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const { f, length, v, z } = beamOf(rig, grip, mover);
  const y = rig.named(grip, "y")[0];
  const { u } = poseOf(rig, grip, stage.scene, stage.t);
  const at = f.local(...floorAt(reachOf(rig, grip), u, 0))[0];
  stage.add(f, length / 2, v, z - 0.1, () => {
    brush.box(f, [-0.09, length + 0.09, v - 0.018, v + 0.018, z - 0.02, z + 0.024], palette.metal);
  });
  stage.add(f, at, v + 0.03, z, () => {
    brush.box(f, [at - 0.035, at + 0.035, v - 0.024, v + 0.03, z - 0.03, z + 0.034], palette.bright);
    if (!y) brush.box(f, [at - 0.014, at + 0.014, ...(v < 0 ? [v, 0.016] : [-0.016, v]) as [number, number], z - 0.012, z + 0.012], palette.bright);
  });
}

/** The arm along y, that goes with the carriage of x. */
function armLive(stage: Stage, mover: Component, grip: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const { u, w: at } = poseOf(rig, grip, stage.scene, stage.t);
  const z = beamHeight(rig, grip);
  const [from, to] = rangeOf(mover).map((y) => floorAt(reachOf(rig, grip), u, y)) as [Point, Point];
  const heading = (Math.atan2(to[1] - from[1], to[0] - from[0]) * 180) / Math.PI;
  const f = new Frame(from[0], from[1], 0, heading);
  const [first, last] = rangeOf(mover);
  const [low, high] = [0, Math.hypot(to[0] - from[0], to[1] - from[1])];
  const w = ((at - first) / Math.max(0.001, last - first)) * high;
  stage.add(f, (low + high) / 2, 0, z + 0.04, () => {
    brush.box(f, [low - BACK - 0.02, high + 0.06, -0.014, 0.014, z + 0.024, z + 0.056], palette.metal);
    brush.box(f, [w - 0.03, w + 0.03, -0.022, 0.022, z - 0.02, z + 0.05], palette.bright);
  });
}

/** The rod that goes down from the carriage. */
function rodLive(stage: Stage, _mover: Component, grip: Component): void {
  const { brush, rig } = stage;
  const { x, y, z } = tip(stage, grip);
  const top = beamHeight(rig, grip);
  const f = new Frame(x, y, 0, 0);
  stage.add(f, 0, 0.012, z + 0.03, () => {
    brush.box(f, [-0.018, 0.018, -0.018, 0.018, Math.max(z + 0.05, top - 0.09), top + 0.03], brush.palette.metal);
    brush.post(f, 0, 0, 0.008, z + 0.03, top, brush.palette.bright);
  });
}

/** Where the tip of a grip is: it rests on what it holds, or on what lies under it. */
function tip(stage: Stage, grip: Component): { x: number; y: number; z: number; held: number } {
  const { rig, scene, t } = stage;
  const { x, y, down } = poseOf(rig, grip, scene, t);
  const holds = stage.held(grip).find(([part]) => part.place.at(t)[2] === "grip");
  const held = holds ? rig.heightOf(holds[0].kind) : 0;
  const height = holds ? held : (stage.heightUnder(x, y) ?? rig.height);
  return { x, y, z: tipHeight(rig, grip, down, height), held };
}

export function gripLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const { x, y, z, held } = tip(stage, c);
  const f = new Frame(x, y, 0, rig.named(c, "x")[0]?.frame.heading ?? 0);
  const fingers = c.kind === "gripper";
  const half = rig.size * (0.5 + 0.22 * (1 - stage.stroke(c))) + 0.008;
  const deep = Math.min(0.03, (held || rig.height) * 0.7);
  const sucks = stage.on(c, "ok");
  if (fingers) stage.add(f, -half, -0.03, z - deep, () => brush.box(f, [-half - 0.01, -half, -0.018, 0.018, z - deep, z + 0.03], palette.bright));
  stage.add(f, 0, 0.02, z + 0.02, () => {
    if (!fingers) {
      brush.post(f, 0, 0, Math.min(0.022, rig.size * 0.3), z, z + 0.012, sucks ? palette.lit : palette.rubber);
      brush.post(f, 0, 0, 0.012, z + 0.012, z + 0.04, palette.dark);
      brush.lamp(f.world(0.008, 0.012, z + 0.03), 0.006, sucks ? palette.lit : palette.unlit, sucks);
      return;
    }
    brush.box(f, [-rig.size * 0.75, rig.size * 0.75, -0.022, 0.022, z + 0.03, z + 0.056], palette.metal);
    brush.box(f, [half, half + 0.01, -0.018, 0.018, z - deep, z + 0.03], palette.bright);
  });
}

/** An axis that carries nothing that is drawn: a rail with its carriage. */
export function railLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const [low, high] = rangeOf(c);
  const at = travelled(c, stage.scene, stage.t);
  const f = c.frame;
  stage.add(f, (low + high) / 2, 0, DECK - 0.03, () => {
    for (const u of [low, high]) brush.box(f, [u - 0.012, u + 0.012, -0.012, 0.012, PLATE, DECK - 0.04], brush.palette.dark);
    brush.box(f, [low - 0.05, high + 0.05, -0.03, 0.03, DECK - 0.04, DECK - 0.01], brush.palette.metal);
    brush.box(f, [at - 0.04, at + 0.04, -0.036, 0.036, DECK - 0.01, DECK + 0.016], brush.palette.bright);
  });
}

/** A frame on the floor plan that is marked on whatever lies there. */
export function spotLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const [x, y] = floorOf(rig, c);
  const f = new Frame(x, y, c.frame.z, c.belt?.frame.heading ?? 0);
  const h = rig.size / 2 + 0.008;
  pieces(stage, c);
  stage.add(f, 0, -h, DECK, () => {
    for (const u of [-h, h]) {
      for (const v of [-h, h]) {
        const [du, dv] = [-Math.sign(u) * 0.016, -Math.sign(v) * 0.016];
        brush.path([f.world(u + du, v, DECK + 0.002), f.world(u, v, DECK + 0.002), f.world(u, v + dv, DECK + 0.002)], palette.accent, 1.5);
      }
    }
    if (c.given.parameters?.["stop"]) brush.box(f, [h, h + 0.008, -0.03, 0.03, DECK, DECK + rig.height * 0.6], palette.bright);
  });
}

/** What was laid onto the part that stands here, as its counter says: in its slots, layer by layer. */
function pieces(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const count = Number(stage.value(c, "pieces") ?? 0);
  if (!count) return;
  const slots = slotsOf(rig, c);
  const kind = laid(stage, slots[0]?.spot ?? c);
  const [x, y] = floorOf(rig, c);
  const base = stage.heightUnder(x, y) ?? 0;
  const height = rig.heightOf(kind);
  for (const { at, layer } of slots.slice(0, count)) {
    const f = new Frame(at[0], at[1], c.frame.z, 0);
    const z = DECK + base + layer * height;
    const colour = partColour(rig.layout.part.colours, rig.layout.part.kinds?.[kind - 1] ? kind : 1);
    stage.add(f, 0, rig.size * 0.5, z + height, () => drawPart(brush, f, z, rig.size * 0.94, height, colour, null));
  }
}

interface Slot {
  spot: Component;
  at: Point;
  layer: number;
}

/** The places of pieces in the order in which they are filled: numbered spots on the same place, or a square of them. */
function slotsOf(rig: Rig, c: Component): Slot[] {
  const same = rig.ofKind("spot").filter((s) => size(s, "stacks", 0) > 0 && s.belt === c.belt && s.given.position === c.given.position);
  const numbered = same.filter((s) => size(s, "slot", 0) > 0).sort((a, b) => size(a, "slot", 0) - size(b, "slot", 0));
  const places: [Component, Point][] = numbered.length > 0 ? numbered.map((s) => [s, floorOf(rig, s)]) : gridOf(rig, same[0] ?? c);
  return places.map(([spot, at], i) => {
    const below = places.slice(0, i).filter(([, other]) => Math.hypot(other[0] - at[0], other[1] - at[1]) < rig.size / 4);
    return { spot, at, layer: below.length };
  });
}

function gridOf(rig: Rig, spot: Component): [Component, Point][] {
  const most = Math.max(1, size(spot, "stacks", 1));
  const [x, y] = floorOf(rig, spot);
  const side = most > 1 ? 2 : 1;
  return Array.from({ length: most }, (_, i) => {
    const [col, r] = [(i % side) - (side - 1) / 2, (Math.floor(i / side) % side) - (side - 1) / 2];
    return [spot, [x + col * rig.size * 0.5, y + r * rig.size * 0.5]];
  });
}

/** The kind of the pieces laid here: what the supply of the belt makes from which the same grip takes them. */
function laid(stage: Stage, spot: Component): number {
  const { rig } = stage;
  const grip = rig.users(spot).map(([user]) => user).find((user) => GRIPS.includes(user.kind));
  const from = grip && rig.named(grip, "spots").find((s) => s.belt !== null && s.belt !== spot.belt);
  const supply = from && rig.ofKind("supply").find((s) => s.belt === from.belt);
  return Math.max(1, supply ? size(supply, "makes", 1) : 1);
}

export function tableStill(rig: Rig, brush: Brush, c: Component): void {
  const { radius } = tableOf(rig, c);
  brush.shadow(c.frame, [-radius, radius, -radius, radius, 0, DECK * 0.7], PLATE);
  brush.drum(c.frame, 0, 0, radius * 0.55, PLATE, DECK - 0.03, brush.palette.dark);
}

/** A round plate with a nest for each place, turned as far as the step has come. */
export function tableLive(stage: Stage, c: Component): void {
  const { brush, rig } = stage;
  const { palette } = brush;
  const { places, radius, first } = tableOf(rig, c);
  const f = new Frame(c.frame.x, c.frame.y, c.frame.z, 0);
  const rim = radius + rig.size * 0.72;
  const h = rig.size / 2 + 0.01;
  stage.add(f, 0, -radius, DECK - 0.03, () => {
    brush.drum(f, 0, 0, rim, DECK - 0.03, DECK - 0.006, palette.metal);
    for (let k = 0; k < places; k++) {
      const nest = f.turned(first + (360 / places) * (k + stage.scene.position(c.name, stage.t)));
      const corners: Point3[] = [nest.world(radius - h, -h, DECK - 0.004), nest.world(radius + h, -h, DECK - 0.004), nest.world(radius + h, h, DECK - 0.004), nest.world(radius - h, h, DECK - 0.004)];
      brush.face(corners, palette.rubber, palette.bright);
    }
    brush.drum(f, 0, 0, radius * 0.3, DECK - 0.006, DECK + 0.012, palette.dark);
  });
}
