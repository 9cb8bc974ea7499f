// From the server's clock to the simulated instant that the page shows. Knows no socket and no document.
import type { Clk } from "./protocol.ts";

const WINDOW = 100;
const SLEW_S = 0.002;
const JUMP_S = 1;

/**
 * Estimates the server's monotonic clock from the frames that arrive, and shows the line a little in the past
 * (the playout delay), so that an event is known before its instant is drawn. All times are seconds.
 */
export class PlayoutClock {
  delay = 0.12;
  private offset: number | null = null;
  private window: number[] = [];
  private anchors: Clk[] = [];
  private frameMs = 33;
  private shown = -Infinity;

  /** A frame arrived at `local` that was sent at `clk.mono`. The least delayed of the last frames wins. */
  receive(local: number, clk: Clk): void {
    this.window.push(local - clk.mono);
    if (this.window.length > WINDOW) this.window.shift();
    this.anchors.push(clk);
    if (this.anchors.length > WINDOW) this.anchors.shift();
    this.slew(Math.min(...this.window));
  }

  /** Forget what was shown: the next frame is a snapshot, possibly of another run. */
  reset(): void {
    this.window = [];
    this.anchors = [];
    this.shown = -Infinity;
  }

  /** A slow browser reads its messages late: show the line further in the past instead of letting parts jump. */
  frame(ms: number): void {
    this.frameMs = 0.9 * this.frameMs + 0.1 * Math.min(ms, 500);
    const want = Math.min(0.5, Math.max(0.12, 0.06 + 0.0025 * this.frameMs));
    this.delay += Math.max(-0.002, Math.min(0.006, want - this.delay));
  }

  /**
   * Simulated seconds to show at local time `local`. Never goes back until `reset`, except that a frozen line shows
   * exactly the instant that it stands at, also where the page had run ahead.
   */
  sim(local: number): number {
    if (this.offset === null || this.anchors.length === 0) return 0;
    const mono = local - this.offset - this.delay;
    const clk = this.anchorAt(mono);
    const now = clk.sim + clk.rate * (mono - clk.mono);
    this.shown = clk.rate === 0 ? clk.sim : Math.max(this.shown, now);
    return this.shown;
  }

  get rate(): number {
    return this.anchors[this.anchors.length - 1]?.rate ?? 0;
  }

  private anchorAt(mono: number): Clk {
    let found = this.anchors[0] as Clk;
    for (const clk of this.anchors) if (clk.mono <= mono) found = clk;
    return found;
  }

  private slew(target: number): void {
    if (this.offset === null || Math.abs(target - this.offset) > JUMP_S) this.offset = target;
    else this.offset += Math.max(-SLEW_S, Math.min(SLEW_S, target - this.offset));
  }
}
