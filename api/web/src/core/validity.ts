// How long a certificate is good for, as an engineer wants it said.

/** Days before its end from which a certificate is warned of. */
export const WARN_DAYS = 60;
const DAY_MS = 86_400_000;

export type Validity = "good" | "ending" | "ended" | "early";

/** Whole days until the end, below nought afterwards. */
export function daysLeft(validTo: string, now: number): number {
  return Math.floor((Date.parse(validTo) - now) / DAY_MS);
}

export function validity(validFrom: string, validTo: string, now: number): Validity {
  if (Date.parse(validFrom) > now) return "early";
  if (Date.parse(validTo) <= now) return "ended";
  return daysLeft(validTo, now) < WARN_DAYS ? "ending" : "good";
}
