// Numbers and times as this product writes them: fixed decimals, 24 h, no thousands separator on tags.
import type { Value } from "./protocol.ts";

export interface TagShape {
  type: string;
  decimals: number;
}

export function tagValue(tag: TagShape, value: Value | null | undefined): string {
  if (value === null || value === undefined) return "—";
  if (typeof value === "boolean") return value ? "1" : "0";
  return tag.type === "REAL" ? value.toFixed(tag.decimals) : String(value);
}

/** `h:mm:ss` of simulated seconds. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** `HH:mm:ss` of an ISO time stamp or of seconds since 1970, in the time zone of the browser. */
export function timeOfDay(stamp: string | number): string {
  const date = new Date(typeof stamp === "number" ? stamp * 1000 : stamp);
  return Number.isNaN(date.getTime()) ? "—" : date.toTimeString().slice(0, 8);
}

/** What was typed, as a value for a tag of this type; undefined where it is none. */
export function parseValue(type: string, typed: string): Value | undefined {
  const text = typed.trim();
  if (type === "BOOL") return { "1": true, true: true, "0": false, false: false }[text.toLowerCase()];
  const number = Number(text);
  if (text === "" || !Number.isFinite(number)) return undefined;
  return type === "REAL" || Number.isInteger(number) ? number : undefined;
}
