// Words for alarms by their names.
import { lookup, tx } from "../i18n/index.ts";
import type { Bench } from "./live.ts";

export function stationOf(bench: Bench, name: string): string {
  const station = name.split(".")[0] ?? "";
  return tx(bench.layout.stations.find((s) => s.name === station)?.title) || station;
}

/** Title and station of an alarm, its name where the page does not know it. */
export function alarmWords(bench: Bench, name: string): string {
  const title = tx(bench.alarms.value.get(name)?.title);
  return title ? `${title} · ${stationOf(bench, name)}` : name;
}

/** Colour is never the only sign: each priority has its own shape. */
export const SHAPES: Record<string, string> = { critical: "◆", high: "▲", medium: "■", low: "●" };
export const PRIORITIES = Object.keys(SHAPES);

export const stateWords = (state: string): string => lookup(`alarms.state.${state}`, "alarms.title");
export const priorityWords = (priority: string): string => lookup(`alarms.priority.${priority}`, "alarms.title");
