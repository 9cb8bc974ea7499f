// Where the joints of a six-axis robot are: from its measures and the angles that its moves tell. No canvas.
import type { Scene } from "../scene.ts";
import type { Point3 } from "./camera.ts";
import { type Component, size } from "./rig.ts";

export interface Arm {
  /** Foot, shoulder, elbow, wrist, tip of the tool. */
  joints: [Point3, Point3, Point3, Point3, Point3];
  /** Which way what it holds points, degrees. */
  heading: number;
}

const RAD = Math.PI / 180;

export function armOf(c: Component, scene: Scene, t: number): Arm {
  const angle = (axis: number): number => scene.position(`${c.name}.j${axis}`, t);
  const [yaw, tilt, fold, bend] = [angle(1), angle(2), angle(2) + angle(3), angle(2) + angle(3) + angle(5)];
  const base = c.frame.turned(yaw);
  const shoulder = size(c, "shoulder", 0.33);
  const [upper, fore, tool] = [size(c, "upper_arm", 0.3), size(c, "forearm", 0.32), size(c, "tool_length", 0.12)];
  const elbow: [number, number] = [upper * Math.sin(tilt * RAD), shoulder + upper * Math.cos(tilt * RAD)];
  const wrist: [number, number] = [elbow[0] + fore * Math.cos(fold * RAD), elbow[1] - fore * Math.sin(fold * RAD)];
  const tip: [number, number] = [wrist[0] + tool * Math.cos(bend * RAD), wrist[1] - tool * Math.sin(bend * RAD)];
  const at = ([u, z]: [number, number]): Point3 => base.world(u, 0, z);
  return { joints: [at([0, 0]), at([0, shoulder]), at(elbow), at(wrist), at(tip)], heading: base.heading + angle(6) };
}
