// Rack and stacker crane: the places of the crane's axes say where cells are. No canvas.
import type { Scene } from "../scene.ts";
import { Frame } from "./brush.ts";
import type { Point3 } from "./camera.ts";
import { type Component, DECK, type Rig, single } from "./rig.ts";

/** Distances from the belt's end along the crane's path, and heights above it, of columns and rows. */
export interface RackShape {
  columns: number[];
  rows: number[];
  pitchU: number;
  pitchZ: number;
  /** Where finished parts leave, along the crane's path; null where the axis has no such place. */
  dispatch: number | null;
}

export interface CraneShape {
  x: Component | null;
  z: Component | null;
  fork: Component | null;
  rack: Component | null;
}

export interface CranePose {
  u: number;
  z: number;
  /** Where the fork's tip is, across the path. */
  v: number;
}

export function craneShape(rig: Rig, crane: Component): CraneShape {
  const named = (key: string): Component | null => {
    const name = crane.given.joins?.[key]?.[0];
    return (name && rig.components.get(name)) || null;
  };
  return { x: named("x"), z: named("z"), fork: named("fork"), rack: named("rack") };
}

export function craneOf(rig: Rig, rack: Component): Component | null {
  return rig.ofKind("crane").find((c) => craneShape(rig, c).rack === rack) ?? null;
}

export function rackShape(rig: Rig, rack: Component): RackShape {
  const [columns, rows] = [count(rack, "columns"), count(rack, "rows")];
  const crane = craneOf(rig, rack);
  const shape = crane && craneShape(rig, crane);
  const xs = places(shape?.x, columns, rig.size * 2.1);
  const zs = places(shape?.z, rows, rig.size * 1.9).map((z) => z * flattening(rig, shape?.z ?? null));
  return {
    columns: xs.slice(1, columns + 1),
    rows: zs.slice(1, rows + 1),
    pitchU: Math.abs((xs[2] ?? 2) - (xs[1] ?? 1)),
    pitchZ: Math.abs((zs[2] ?? 2) - (zs[1] ?? 1)),
    dispatch: xs[columns + 1] ?? null,
  };
}

function count(rack: Component, name: string): number {
  return Math.max(1, Math.round(single(rack.parameters[name]) ?? 3));
}

/** The places of an axis from number 0, metres; evenly spaced ones where it names none. */
function places(axis: Component | null | undefined, cells: number, pitch: number): number[] {
  const given = axis?.parameters["positions"];
  if (Array.isArray(given) && given.length > cells) return given;
  return Array.from({ length: cells + 1 }, (_, i) => i * pitch);
}

/** Tall racks are drawn lower than they are, so that the line fills the picture. */
function flattening(rig: Rig, axis: Component | null): number {
  const all = places(axis, 1, rig.size);
  const needed = Math.max(TALLEST, (all.length - 1) * (rig.tallest + 0.024)); // each row shows the parts in it
  return Math.min(1, needed / (Math.max(...all) || 1));
}

const TALLEST = 0.34;

/** From the left edge of the first column to the right edge of the last one, along the crane's path. */
export function spanOf(shape: RackShape): [number, number] {
  const half = Math.min(shape.pitchU, 0.3) / 2;
  return [Math.min(...shape.columns) - half, Math.max(...shape.columns) + half];
}

export function topOf(shape: RackShape): number {
  return DECK + Math.max(...shape.rows) + shape.pitchZ;
}

/** The end of the rails of a crane. */
export function craneEnd(rig: Rig, crane: Component): number {
  const { rack } = craneShape(rig, crane);
  if (!rack) return 0.6;
  const shape = rackShape(rig, rack);
  return Math.max((shape.dispatch ?? 0) + 0.08, spanOf(shape)[1] + 0.06);
}

/** Column and row of a cell, both from 0. Cells count from 1, row by row from the bottom. */
export function cellOf(place: string | number | null, shape: RackShape): [number, number] {
  const cell = Math.max(0, Number(place) - 1) || 0;
  return [cell % shape.columns.length, Math.floor(cell / shape.columns.length)];
}

/** Frame of the rack in which u is the crane's: 0 is the belt's end. */
export function rackFrame(rig: Rig, rack: Component): Frame {
  const crane = craneOf(rig, rack);
  if (!crane) return rack.frame;
  const [, v] = crane.frame.local(rack.frame.x, rack.frame.y);
  return crane.frame.moved(0, v);
}

export function cellAt(rig: Rig, rack: Component, place: string | number | null): Point3 {
  const shape = rackShape(rig, rack);
  const [c, r] = cellOf(place, shape);
  return rackFrame(rig, rack).world(shape.columns[c] ?? 0, 0, DECK + (shape.rows[r] ?? 0));
}

export function cranePose(rig: Rig, crane: Component, scene: Scene, t: number): CranePose {
  const { x, z, fork, rack } = craneShape(rig, crane);
  const u = x ? scene.position(x.name, t) / 1000 : 0;
  const reach = fork ? scene.position(fork.name, t) : 0;
  // before the belt's end the fork goes to the belt, elsewhere to the rack
  const aim = Math.abs(u) < 0.03 && crane.belt ? crane.belt.frame : rack?.frame;
  const v = aim ? crane.frame.local(aim.x, aim.y)[1] : -0.15;
  return { u, z: DECK + (z ? (scene.position(z.name, t) / 1000) * flattening(rig, z) : 0), v: v * Math.max(0, Math.min(1, reach)) };
}

export function forkAt(rig: Rig, crane: Component, scene: Scene, t: number): Point3 {
  const { u, z, v } = cranePose(rig, crane, scene, t);
  return crane.frame.world(u, v, z);
}
