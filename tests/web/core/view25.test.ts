import assert from "node:assert/strict";
import test from "node:test";
import type { Layout, LayoutComponent } from "../../../api/web/src/core/protocol.ts";
import { Scene } from "../../../api/web/src/core/scene.ts";
import { Camera, faces } from "../../../api/web/src/core/view25/camera.ts";
import { DECK, Rig } from "../../../api/web/src/core/view25/rig.ts";
import { floorAt, reachOf } from "../../../api/web/src/core/view25/reach.ts";
import { cellOf, rackShape } from "../../../api/web/src/core/view25/shelf.ts";

const text = { zh: "", en: "" };
const component = (name: string, kind: string, more: Partial<LayoutComponent> = {}): LayoutComponent => ({
  name, station: "s", kind, title: text, x: 0, y: 0, ...more,
});
const layout = (...components: LayoutComponent[]): Layout => ({
  line: "x", title: text, size: [2, 1], part: { length: 0.06, colours: [text] },
  stations: [
    { name: "s", title: text, x: 0, y: 0, w: 1.1, h: 1 },
    { name: "t", title: text, x: 1, y: 0.1, w: 1, h: 0.7 },
  ],
  components,
});
const BELT = component("s.belt", "belt", { x: 0.5, y: 0.5, heading: 90, parameters: { length: 1.2 } });
const near = (a: readonly number[], b: readonly number[]): void =>
  a.forEach((x, i) => assert.ok(Math.abs(x - (b[i] as number)) < 1e-9, `${a} against ${b}`));

test("a part on a belt that flows south is drawn along it, by its middle", () => {
  const rig = new Rig(layout(BELT));
  const spot = rig.spot(["rest", "s.belt", 400], new Scene(), 0);
  near(spot?.at ?? [], [0.5, 0.5 + 0.4 - 0.03, DECK]);
});

test("a riding part goes with the belt, until its tail has left", () => {
  const rig = new Rig(layout(BELT));
  const scene = new Scene();
  scene.addMove("s.belt", [0, 0, 200, null]);
  near([rig.head(["ride", "s.belt", 60], scene, 2)?.[1] ?? 0], [0.46]);
  near([rig.head(["ride", "s.belt", 60], scene, 99)?.[1] ?? 0], [1.26]);
});

test("what works on a belt stands at its place along it", () => {
  const eye = component("s.eye", "photo_eye", { position: 0.3, joins: { belt: ["s.belt"] } });
  const rig = new Rig(layout(BELT, eye));
  near([rig.components.get("s.eye")?.frame.y ?? 0], [0.8]);
});

test("plates of a row are equally deep and meet where they would overlap", () => {
  const [a, b] = new Rig(layout()).plates;
  near([a?.w ?? 0, b?.x ?? 0, (b?.x ?? 0) + (b?.w ?? 0)], [1.05, 1.05, 2]);
  assert.equal(a?.h, b?.h);
});

test("cells of a rack are where the axes of its crane have their places", () => {
  const rack = component("s.rack", "rack", { x: 1, y: 0.2, parameters: { columns: 2, rows: 2 } });
  const joins = { x: ["s.x"], z: ["s.z"], fork: ["s.fork"], rack: ["s.rack"], belt: ["s.belt"] };
  const rig = new Rig(
    layout(
      component("s.belt", "belt", { y: 0.5, parameters: { length: 1 } }),
      rack,
      component("s.x", "axis", { parameters: { positions: [0, 0.2, 0.35, 0.6] } }),
      component("s.z", "axis", { parameters: { positions: [0, 0, 0.1] } }),
      component("s.fork", "cylinder"),
      component("s.crane", "crane", { x: 0, y: 0.35, joins }),
    ),
  );
  const shape = rackShape(rig, rig.components.get("s.rack") as never);
  assert.deepEqual(shape.columns, [0.2, 0.35]);
  assert.equal(shape.dispatch, 0.6);
  assert.deepEqual(cellOf("4", shape), [1, 1]);
  near(rig.spot(["in", "s.rack", "3"], new Scene(), 0)?.at ?? [], [1 - 0.03 + 0.2, 0.2, DECK + 0.1]);
});

test("the camera finds the floor under a pixel, and keeps that point while it zooms", () => {
  const camera = new Camera([0, 0, 2, 1, 0.4]);
  camera.resize(800, 300);
  const [px, py] = camera.project(1.5, 0.7, 0);
  near(camera.floor(px, py), [1.5, 0.7]);
  camera.zoomAt(px, py, 1.5);
  near(camera.floor(px, py), [1.5, 0.7]);
  assert.ok(camera.zoom > 1);
});

test("faces to the viewer and to the right are seen, others are not", () => {
  assert.deepEqual([faces(0, 1), faces(1, 0), faces(-1, 0), faces(0, -1)], [true, true, false, false]);
});

test("a part on a turned table lies along the turn; chains carry it across", () => {
  const deck = component("s.t", "turntable", { x: 1, y: 1, parameters: { length: 0.2 } });
  const rig = new Rig(layout(deck));
  const scene = new Scene();
  scene.addMove("s.t", [0, 50, 0, null]);
  near(rig.spot(["in", "s.t", "u"], scene, 1)?.at ?? [], [1.05, 1, DECK]);
  near(rig.spot(["in", "s.t", "v"], scene, 1)?.at ?? [], [1, 1.05, DECK]);
  scene.addMove("s.t.turn", [0, 90, 0, null]);
  near(rig.spot(["in", "s.t", "u"], scene, 1)?.at ?? [], [1, 1.05, DECK]);
});

test("a part on an elevator goes up with it", () => {
  const rig = new Rig(layout(component("s.e", "elevator", { x: 1, y: 1, parameters: { levels: [0, 0.6] } })));
  const scene = new Scene();
  scene.addMove("s.e.lift", [0, 0, 300, 600]);
  near(rig.spot(["in", "s.e", "u"], scene, 1)?.at ?? [], [1, 1, DECK + 0.3]);
});

test("a gripper is over each of its spots at that spot's coordinates, whatever the axis's own heading says", () => {
  const spot = (name: string, at: [number, number], x: number, y: number): LayoutComponent =>
    component(name, "spot", { x: at[0], y: at[1], parameters: { x, y, z: 0.1 } });
  const grip = component("s.g", "gripper", { joins: { x: ["s.x"], y: ["s.y"], spots: ["s.a", "s.b", "s.c"] } });
  const axes = ["s.x", "s.y"].map((name) => component(name, "linear_axis", { parameters: { low: 0, high: 1 } }));
  const rig = new Rig(layout(...axes, spot("s.a", [1, 1], 0, 0), spot("s.b", [2, 0.9], 0.6, 0), spot("s.c", [2, 1.1], 0.6, 0.15), grip));
  const reach = reachOf(rig, rig.components.get("s.g") as never);
  near(floorAt(reach, 0, 0), [1, 1]);
  near(floorAt(reach, 0.6, 0), [2, 0.9]);
  near(floorAt(reach, 0.6, 0.15), [2, 1.1]);
  near(floorAt(reach, 0.3, 0), [1.5, 0.95]);
});

test("a part on an indexing table goes round with the step", () => {
  const table = component("s.t", "index_table", { x: 1, y: 1, parameters: { places: 4 } });
  const west = component("s.w", "spot", { x: 0.8, y: 1, parameters: { place: 0 }, joins: { of: ["s.t"] } });
  const rig = new Rig(layout(table, west));
  const scene = new Scene();
  near(rig.spot(["in", "s.t", "0"], scene, 0)?.at ?? [], [0.8, 1, DECK]);
  scene.addMove("s.t", [0, 0, 1, 1]);
  near(rig.spot(["in", "s.t", "0"], scene, 1)?.at ?? [], [1, 0.8, DECK]);
});

test("what has no place and nothing to stand on is put where it is seen, and nothing is off the picture", () => {
  const lost = component("s.odd", "something_new");
  const rig = new Rig(layout(BELT, lost));
  const camera = new Camera(rig.extent);
  camera.resize(900, 400);
  for (const c of rig.components.values()) {
    const [px, py] = camera.project(...c.frame.world(0, 0, DECK));
    assert.ok(camera.shows(px, py), `${c.name} at ${px}, ${py}`);
  }
  assert.ok((rig.components.get("s.odd")?.frame.y ?? 0) > 0.5);
});

test("parts are as high as their kind and as long as their belt says", () => {
  const made = layout({ ...BELT, parameters: { length: 1.2, part_length: 0.3 } });
  made.part.kinds = [
    { title: text, height: 0.05, mass: 1, material: "wood" },
    { title: text, height: 0.25, mass: 1, material: "wood" },
  ];
  const rig = new Rig(made);
  assert.deepEqual([rig.heightOf(2), rig.height, rig.tallest], [0.25, 0.05, 0.25]);
  near(rig.spot(["rest", "s.belt", 400], new Scene(), 0)?.at ?? [], [0.5, 0.5 + 0.4 - 0.15, DECK]);
});
