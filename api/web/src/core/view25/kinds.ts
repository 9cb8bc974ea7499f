// Which look each kind of component has: what stands still (drawn once) and what moves (drawn each frame).
// Drawn from kind and geometry alone; measures that the layout does not give are chosen to look right.
import type { Brush } from "./brush.ts";
import { agvLive, armLive, nodeStill, trayStill } from "./looks/agv.ts";
import { airMeterLive, airSupplyLive } from "./looks/air.ts";
import { beltStill, collectionStill, stopperLive, supplyStill } from "./looks/belts.ts";
import { binLive, binStill } from "./looks/bins.ts";
import { machiningLive, machiningStill, meterLive as energyLive, motorLive, ovenLive, ovenStill } from "./looks/cells.ts";
import { diverterLive } from "./looks/diverter.ts";
import { elevatorLive, elevatorStill, transferLive, transferStill, turntableLive, turntableStill } from "./looks/decks.ts";
import { flowLive } from "./looks/flow.ts";
import { beamBack, gripLive, moverLive, railLive, spotLive, tableLive, tableStill } from "./looks/handling.ts";
import { consumerLive, fillerBack, fillerLive, meterLive, pumpLive, tankLive, tankStill, valveLive } from "./looks/liquid.ts";
import { feederLive, feederStill, headBack, headLive, heaterLive, spindleBack, spindleLive, spindleStill } from "./looks/machines.ts";
import { deskLive, printerLive, rfidLive, slotLive } from "./looks/orders.ts";
import { buttonLive, displayLive, estopLive, selectorLive, stackLive } from "./looks/panel.ts";
import { palletizerLive } from "./looks/palletizer.ts";
import { plainLive } from "./looks/plain.ts";
import { cylinderLive, doorLive, ejectorLive, ejectorStill, pusherLive } from "./looks/pneumatic.ts";
import { robotLive, robotStill } from "./looks/robot.ts";
import { barrelLive, cameraLive, curtainLive, eyeLive, scaleLive, sensorLive } from "./looks/sensors.ts";
import { craneLive, rackLive, rackStill } from "./looks/storage.ts";
import type { Component, Rig } from "./rig.ts";
import type { Stage } from "./stage.ts";

export interface Look {
  /** What stands still behind it: columns and legs, which the belt before them hides in part. */
  back?: (rig: Rig, brush: Brush, c: Component) => void;
  still?: (rig: Rig, brush: Brush, c: Component) => void;
  live?: (stage: Stage, c: Component) => void;
}

/** What a larger thing draws as a part of itself, by the join under which it names it. */
const PART_OF = new Set(["fork", "feed", "door", "feeder"]);

/** A cylinder carries a gripper, is a part of a larger thing, moves the guard door of a machine, or stands alone. */
function freeCylinderLive(stage: Stage, c: Component): void {
  if (moverLive(stage, c)) return;
  const users = stage.rig.users(c);
  if (users.some(([, join]) => PART_OF.has(join))) return;
  const spindle = stage.rig.ofKind("spindle").find((s) => s.station === c.station);
  if (spindle && !c.belt) doorLive(stage, c, spindle.frame);
  else cylinderLive(stage, c);
}

function axisLive(stage: Stage, c: Component): void {
  if (!moverLive(stage, c)) railLive(stage, c);
}

/** Axes of a crane are drawn by it; one without a crane is a rail. */
function craneAxisLive(stage: Stage, c: Component): void {
  if (!stage.rig.users(c).some(([user]) => user.kind === "crane")) railLive(stage, c);
}

/** An oven draws the heater that warms it. */
function freeHeaterLive(stage: Stage, c: Component): void {
  if (!stage.rig.users(c).some(([user]) => user.kind === "oven")) heaterLive(stage, c);
}

const belt: Look = { still: beltStill };
const cylinder: Look = { back: beamBack, live: freeCylinderLive };
const sensor: Look = { live: sensorLive };
const barrel: Look = { live: barrelLive };
const grip: Look = { live: gripLive };
const head: Look = { back: headBack, live: headLive };
const flow: Look = { live: flowLive };
const node: Look = { still: nodeStill };
const slot: Look = { live: slotLive };

export const LOOKS: Record<string, Look> = {
  belt,
  roller_conveyor: belt,
  supply: { still: supplyStill },
  collection: { still: collectionStill },
  stopper: { live: stopperLive },
  transfer: { still: transferStill, live: transferLive },
  turntable: { still: turntableStill, live: turntableLive },
  elevator: { still: elevatorStill, live: elevatorLive },
  photo_eye: { live: eyeLive },
  high_eye: { live: eyeLive },
  camera: { live: cameraLive },
  reader: sensor,
  colour_sensor: sensor,
  height_sensor: sensor,
  light_curtain: { live: curtainLive },
  inductive: barrel,
  capacitive: barrel,
  scale: { live: scaleLive },
  ejector: { still: ejectorStill, live: ejectorLive },
  pusher: { live: pusherLive },
  diverter: { live: diverterLive },
  palletizer: { live: palletizerLive },
  air_supply: { live: airSupplyLive },
  air_meter: { live: airMeterLive },
  cylinder,
  double_cylinder: cylinder,
  clamp: { live: cylinderLive },
  linear_axis: { back: beamBack, live: axisLive },
  gripper: grip,
  vacuum_cup: grip,
  spot: { live: spotLive },
  index_table: { still: tableStill, live: tableLive },
  spindle: { back: spindleBack, still: spindleStill, live: spindleLive },
  capper: head,
  drill_unit: head,
  press: head,
  filler: { back: fillerBack, live: fillerLive },
  heater: { live: freeHeaterLive },
  oven: { still: ovenStill, live: ovenLive },
  machining_centre: { still: machiningStill, live: machiningLive },
  robot: { still: robotStill, live: robotLive },
  motor: { live: motorLive },
  energy_meter: { live: energyLive },
  feeder: { still: feederStill, live: feederLive },
  tank: { still: tankStill, live: tankLive },
  valve: { live: valveLive },
  pump: { live: pumpLive },
  consumer: { live: consumerLive },
  flow_meter: { live: meterLive },
  bin: { still: binStill, live: binLive },
  rack: { still: rackStill, live: rackLive },
  crane: { live: craneLive },
  axis: { live: craneAxisLive },
  push_button: { live: buttonLive },
  selector: { live: selectorLive },
  estop_button: { live: estopLive },
  stack_light: { live: stackLive },
  display: { live: displayLive },
  track_node: node,
  agv_dock: node,
  agv_charger: node,
  agv: { live: agvLive },
  loader: { live: armLive },
  tray: { still: trayStill },
  mill_unit: head,
  inspection: { live: cameraLive },
  rfid: { live: rfidLive },
  label_printer: { live: printerLive },
  order_desk: { live: deskLive },
  customer: slot,
  job: slot,
  transport_order: slot,
  module_call: slot,
  module_port: slot,
  stock_book: slot,
  agv_fleet: slot,
  source: flow,
  machine: flow,
  assembly: flow,
  buffer: flow,
  sink: flow,
  crew: flow,
  pallets: flow,
};

export function lookOf(kind: string): Look {
  return LOOKS[kind] ?? { live: plainLive };
}
