// Travels: the one function of time that belts, axes and strokes share.
import type { TimedMove } from "./protocol.ts";

const KEPT = 4;

/** Where a travel is at `t`; it stops at its goal. */
export function at(move: TimedMove, t: number): number {
  const [t0, x0, v, goal] = move;
  const x = x0 + v * Math.max(0, t - t0);
  if (goal === null || v === 0) return x;
  return v > 0 ? Math.min(x, Math.max(x0, goal)) : Math.max(x, Math.min(x0, goal));
}

/** Its speed at `t`: 0 once the goal is reached. */
export function speed(move: TimedMove, t: number): number {
  const [t0, x0, v, goal] = move;
  const done = goal !== null && v !== 0 && (goal - x0) / v <= t - t0;
  return done ? 0 : v;
}

/** The last few values of something that changes at instants; a value takes effect at its instant, not on arrival. */
export class Timeline<T> {
  private entries: [number, T][] = [];

  constructor(t: number, value: T) {
    this.entries.push([t, value]);
  }

  push(t: number, value: T): void {
    this.entries.push([t, value]);
    if (this.entries.length > KEPT) this.entries.shift();
  }

  /** The newest value that has begun at `t`; the oldest known one where none has. */
  at(t: number): T {
    return this.entry(t)[1];
  }

  /** Since when it has had the value that it has at `t`. */
  begun(t: number): number {
    return this.entry(t)[0];
  }

  private entry(t: number): [number, T] {
    for (let i = this.entries.length - 1; i > 0; i--) {
      const entry = this.entries[i] as [number, T];
      if (entry[0] <= t) return entry;
    }
    return this.entries[0] as [number, T];
  }

  get newest(): [number, T] {
    return this.entries[this.entries.length - 1] as [number, T];
  }
}
