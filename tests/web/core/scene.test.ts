import assert from "node:assert/strict";
import test from "node:test";
import type { LineEvent, LineSnap } from "../../../api/web/src/core/protocol.ts";
import { Scene } from "../../../api/web/src/core/scene.ts";
import { at, speed } from "../../../api/web/src/core/travel.ts";

const SNAP: LineSnap = {
  k: "snap", seq: 1, clk: { sim: 10, mono: 0, rate: 1 },
  moves: { "s.belt": [10, 0, 200, null] },
  parts: { "7": { colour: 2, verdict: null, at: ["ride", "s.belt", 60] } },
  st: { s: 6 }, control: { s: "builtin" }, steps: {},
};
const scene = (...events: LineEvent[]): Scene => {
  const made = new Scene();
  made.take(SNAP);
  made.take({ k: "ev", seq: 2, ev: events });
  return made;
};

test("a travel stops at its goal, forwards and backwards", () => {
  assert.equal(at([0, 0, 2, 1], 5), 1);
  assert.equal(at([0, 1, -2, 0], 0.25), 0.5);
  assert.equal(at([0, 1, -2, 0], 9), 0);
  assert.equal(at([3, 5, 0, null], 9), 5);
  assert.equal(speed([0, 0, 2, 1], 0.4), 2);
  assert.equal(speed([0, 0, 2, 1], 0.6), 0);
});

test("a part becomes another kind where it is, and a machine says what it does", () => {
  const line = scene([11, "new", 7, { colour: 3, kind: 2 }], [12, "mode", "flow.m", "blocked"]);
  assert.deepEqual([line.parts.get("7")?.colour, line.parts.get("7")?.kind], [3, 2]);
  assert.deepEqual(line.parts.get("7")?.place.at(11), ["ride", "s.belt", 60]);
  line.settle(12);
  assert.equal(line.modes["flow.m"], "blocked");
});

test("a belt that stops takes effect at its instant, not on arrival", () => {
  const line = scene([12, "move", "s.belt", [400, 0, null]]);
  assert.equal(line.position("s.belt", 11), 200);
  assert.equal(line.position("s.belt", 15), 400);
});

test("a part keeps its former place until the new one begins", () => {
  const line = scene([12, "part", 7, ["rest", "s.belt", 460]]);
  assert.equal(line.part(7, 0).place.at(11.9)[0], "ride");
  assert.equal(line.part(7, 0).place.at(12)[0], "rest");
});

test("facts wait for the instant that is shown", () => {
  const line = scene([12, "state", "s", 11], [13, "verdict", 7, "reject"]);
  assert.equal(line.settle(11), false);
  assert.equal(line.states["s"], 6);
  assert.equal(line.settle(12), true);
  assert.equal(line.states["s"], 11);
  line.settle(13);
  assert.equal(line.parts.get("7")?.verdict, "reject");
});

test("a part that is gone is forgotten a little later", () => {
  const line = scene([12, "part", 7, ["gone", "hand"]]);
  line.settle(13);
  assert.ok(line.parts.has("7"));
  line.settle(15);
  assert.ok(!line.parts.has("7"));
});

test("a component tells what lies in it, the oldest first", () => {
  const line = scene(
    [11, "new", 8, { colour: 1 }], [11, "part", 8, ["in", "s.bin", "bin"]], [12, "part", 7, ["in", "s.bin", "bin"]],
  );
  assert.deepEqual(line.contents("s.bin", 11.5).map((p) => p.serial), ["8"]);
  assert.deepEqual(line.contents("s.bin", 12).map((p) => p.serial), ["8", "7"]);
});

test("a snapshot forgets everything that it does not name", () => {
  const line = scene([12, "new", 9, { colour: 1 }], [12, "state", "s", 2]);
  line.take({ ...SNAP, parts: {}, st: { s: 4 } });
  line.settle(20);
  assert.equal(line.parts.size, 0);
  assert.equal(line.states["s"], 4);
});

test("too many waiting facts ask for a snapshot", () => {
  const line = new Scene();
  const many = Array.from({ length: 5000 }, (_, i): LineEvent => [i, "step", "s.main", "x"]);
  assert.equal(line.take({ k: "ev", seq: 1, ev: many }), false);
});
