import assert from "node:assert/strict";
import test from "node:test";
import type { LayoutComponent } from "../../../api/web/src/core/protocol.ts";
import { Scene } from "../../../api/web/src/core/scene.ts";
import { armOf } from "../../../api/web/src/core/view25/arm.ts";
import { Frame } from "../../../api/web/src/core/view25/brush.ts";
import type { Component } from "../../../api/web/src/core/view25/rig.ts";

const ROBOT: Component = {
  name: "s.arm", station: "s", kind: "robot", given: {} as LayoutComponent, frame: new Frame(2, 1, 0, 0), belt: null, rank: 0,
  parameters: { shoulder: 0.33, upper_arm: 0.3, forearm: 0.32, tool_length: 0.12 },
};

function tip(...angles: number[]): readonly number[] {
  const scene = new Scene();
  angles.forEach((angle, k) => scene.addMove(`s.arm.j${k + 1}`, [0, angle, 0, angle]));
  return armOf(ROBOT, scene, 1).joints[4];
}

const near = (a: readonly number[], b: readonly number[]): void =>
  a.forEach((x, i) => assert.ok(Math.abs(x - (b[i] as number)) < 1e-6, `${a} against ${b}`));

test("a robot at rest holds its forearm level and its tool down", () => {
  near(tip(0, 0, 0, 0, 90, 0), [2.32, 1, 0.51]);
});

test("joint 1 turns it clockwise on the map, joints 2, 3 and 5 tilt it forward", () => {
  near(tip(90, 0, 0, 0, 90, 0), [2, 1.32, 0.51]);
  near(tip(0, 90, -90, 0, 90, 0), [2.62, 1, 0.21]);
});
