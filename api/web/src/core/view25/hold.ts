// Where a part is that a component holds: on a deck, before a plate, in a gripper, on a table. No canvas.
import type { Scene } from "../scene.ts";
import { armOf } from "./arm.ts";
import type { Point3 } from "./camera.ts";
import { armTip, bayAt } from "./looks/agv.ts";
import { stackedAt } from "./looks/palletizer.ts";
import { tipAt } from "./reach.ts";
import { type Component, DECK, PLATE, type Rig, size } from "./rig.ts";
import { cellAt, forkAt } from "./shelf.ts";
import { feedOf, tableOf } from "./sizes.ts";

export interface Held {
  rig: Rig;
  holder: Component;
  place: string | number | null;
  scene: Scene;
  t: number;
  /** Of the part. */
  height: number;
}

interface Lying {
  at: Point3;
  heading: number;
}

/** Where the part lies, the centre of its bottom, and which way it points. */
export function heldAt(held: Held): Lying {
  const how = HOLDS[held.holder.kind];
  const { frame } = held.holder;
  if (!how) return { at: frame.world(0, 0, DECK), heading: frame.heading };
  const made = how(held);
  return Array.isArray(made) ? { at: made, heading: frame.heading } : made;
}

/** The turn and the lift of a deck, in degrees and metres. */
export function deckPose(c: Component, scene: Scene, t: number): { turn: number; lift: number } {
  return { turn: scene.position(`${c.name}.turn`, t), lift: scene.position(`${c.name}.lift`, t) / 1000 };
}

/** Decks say how far the part is from their centre, along them ("u") or across ("v"). */
function onDeck({ holder, place, scene, t }: Held): Lying {
  const { turn, lift } = deckPose(holder, scene, t);
  const frame = holder.frame.turned(turn);
  const at = scene.position(holder.name, t) / 1000;
  return { at: place === "v" ? frame.world(0, at, DECK + lift) : frame.world(at, 0, DECK + lift), heading: frame.heading };
}

/** How far a pusher has the part to go from the middle of its belt to the middle of the place it pushes it to. */
export function pushedTo(rig: Rig, pusher: Component): number {
  const to = rig.named(pusher, "to")[0];
  if (!to) return rig.width;
  const entry = to.kind === "belt" || to.kind === "roller_conveyor" ? to.frame.moved(rig.size / 2) : to.frame;
  return pusher.frame.local(entry.x, entry.y)[1];
}

function beforePlate({ rig, holder, scene, t }: Held): Point3 {
  const [stroke, clearance] = [size(holder, "stroke", 0.1), size(holder, "clearance", 0.02)];
  const at = scene.position(holder.name, t) * stroke;
  const share = Math.max(0, at - clearance) / Math.max(0.01, stroke - clearance);
  return holder.frame.world(0, share * pushedTo(rig, holder), DECK);
}

/** On the wheels of a diverter, which say how far across the part is. */
function across({ rig, holder, scene, t }: Held): Point3 {
  const share = scene.position(`${holder.name}.across`, t) / 1000 / size(holder, "width", 0.2);
  return holder.frame.world(0, Math.max(0, Math.min(1, share)) * pushedTo(rig, holder), DECK + 0.008);
}

function inGrip({ rig, holder, place, scene, t, height }: Held): Point3 {
  const [x, y, z] = tipAt(rig, holder, scene, t, height);
  return place === "floor" ? [x, y + rig.width, PLATE] : [x, y, z - height];
}

/** Places count clockwise from the first; the move is the share of a step that is done. */
function onTable({ rig, holder, place, scene, t }: Held): Lying {
  const { places, radius, first } = tableOf(rig, holder);
  const heading = first + (360 / places) * (Number(place) + scene.position(holder.name, t));
  const a = (heading * Math.PI) / 180;
  return { at: [holder.frame.x + Math.cos(a) * radius, holder.frame.y + Math.sin(a) * radius, holder.frame.z + DECK], heading };
}

function inArm({ rig, holder, place, scene, t, height }: Held): Lying {
  const { joints, heading } = armOf(holder, scene, t);
  const [x, y, z] = joints[4];
  return { at: place === "floor" ? [x, y + rig.width, PLATE] : [x, y, z - height], heading };
}

/** On the feeder, which comes out towards the viewer of an oven that faces him. */
function inOven({ rig, holder, scene, t }: Held): Point3 {
  return holder.frame.world(0, feedOf(rig, holder, (name) => scene.position(name, t)), DECK);
}

const HOLDS: Record<string, (held: Held) => Point3 | Lying> = {
  rack: ({ rig, holder, place }) => cellAt(rig, holder, place),
  crane: ({ rig, holder, scene, t }) => forkAt(rig, holder, scene, t),
  transfer: onDeck,
  turntable: onDeck,
  elevator: onDeck,
  pusher: beforePlate,
  diverter: across,
  palletizer: ({ rig, holder, place, height }) => stackedAt(rig, holder, place, height),
  gripper: inGrip,
  vacuum_cup: inGrip,
  index_table: onTable,
  agv: ({ holder, place, scene, t }) => bayAt(holder, scene, t, place),
  loader: ({ holder, scene, t, height }) => armTip(holder, scene, t, height),
  robot: inArm,
  oven: inOven,
};
