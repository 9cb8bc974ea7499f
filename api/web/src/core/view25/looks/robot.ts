// The six-axis robot: a post, two arms and a tool, where its joints are.
import { armOf } from "../arm.ts";
import type { Brush } from "../brush.ts";
import type { Point3 } from "../camera.ts";
import { type Component, PLATE, type Rig, foot } from "../rig.ts";
import type { Stage } from "../stage.ts";

const THICK = [0.085, 0.07, 0.05, 0.028]; // of post, upper arm, forearm, tool

export function robotStill(_rig: Rig, brush: Brush, c: Component): void {
  brush.shadow(c.frame, [-0.09, 0.09, -0.09, 0.09, 0, 0.5], PLATE);
  brush.drum(c.frame, 0, 0, 0.1, foot(c.frame), 0.07, brush.palette.dark);
}

export function robotLive(stage: Stage, c: Component): void {
  const { brush } = stage;
  const { palette } = brush;
  const { joints } = armOf(c, stage.scene, stage.t);
  const [base, shoulder, elbow, wrist, tip] = joints;
  const error = stage.on(c, "error");
  const colours = [palette.metal, palette.bright, palette.metal, palette.dark];
  const width = (k: number): number => Math.max(2, (THICK[k] as number) * brush.camera.pixelsPerMetre);
  const limb = (k: number, a: Point3, b: Point3): void => {
    stage.add(c.frame, ...middle(stage, c, a, b), () => {
      brush.path([a, b], palette.dark, width(k) + 2);
      brush.path([a, b], colours[k] as string, width(k));
      brush.lamp(b, (THICK[k] as number) * 0.42, palette.dark, false);
    });
  };
  limb(0, [base[0], base[1], base[2] + 0.06], shoulder);
  limb(1, shoulder, elbow);
  limb(2, elbow, wrist);
  limb(3, wrist, tip);
  stage.add(c.frame, 0, 0.1, 0.2, () => {
    brush.lamp(c.frame.world(0, 0.1, 0.04), 0.012, error ? "#d9534f" : stage.on(c, "running") ? palette.lit : palette.unlit, error || stage.on(c, "running"));
  });
}

/** The middle of a limb in the frame of the robot, where it is sorted by depth. */
function middle(_stage: Stage, c: Component, a: Point3, b: Point3): [u: number, v: number, z: number] {
  const [u, v] = c.frame.local((a[0] + b[0]) / 2, (a[1] + b[1]) / 2);
  return [u, v, (a[2] + b[2]) / 2 - c.frame.z];
}
