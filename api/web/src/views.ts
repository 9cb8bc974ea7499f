// The views of a bench: where each is, and who has it in the navigation.
import type { Role } from "./api.ts";

export const VIEWS = ["bench", "tags", "alarms", "maintenance", "modbus", "devices", "certificates", "training"] as const;
export type View = (typeof VIEWS)[number];

export const PATHS: Record<View, string> = {
  bench: "/bench",
  tags: "/bench/tags",
  alarms: "/bench/alarms",
  maintenance: "/bench/maintenance",
  modbus: "/bench/modbus",
  devices: "/bench/devices",
  certificates: "/bench/certificates",
  training: "/bench/training",
};

/** What a role finds in the navigation; the server refuses the rest as well. */
export function viewsOf(role: Role): View[] {
  const only: Partial<Record<View, Role>> = { devices: "engineer", certificates: "engineer", training: "instructor" };
  return VIEWS.filter((view) => role === (only[view] ?? role));
}
