// PackML states as people see them: number (OPC 30050), word key, symbol. Colour only where a state is abnormal.

export type Mood = "normal" | "warning" | "alarm";

export interface StateLook {
  key: string;
  symbol: string;
  mood: Mood;
}

const look = (key: string, symbol: string, mood: Mood = "normal"): StateLook => ({ key, symbol, mood });
const TRANSITION = "◌";

const LOOKS: Record<number, StateLook> = {
  1: look("clearing", TRANSITION),
  2: look("stopped", "■"),
  3: look("starting", TRANSITION),
  4: look("idle", "○"),
  5: look("suspended", "‖"),
  6: look("execute", "▶"),
  7: look("stopping", TRANSITION),
  8: look("aborting", TRANSITION, "alarm"),
  9: look("aborted", "✕", "alarm"),
  10: look("holding", TRANSITION),
  11: look("held", "‖", "warning"),
  12: look("unholding", TRANSITION),
  13: look("suspending", TRANSITION),
  14: look("unsuspending", TRANSITION),
  15: look("resetting", TRANSITION),
  16: look("completing", TRANSITION),
  17: look("complete", "✓"),
};

const UNKNOWN = look("unknown", "·");

export function stateLook(number: number | undefined): StateLook {
  return (number !== undefined && LOOKS[number]) || UNKNOWN;
}

/** Stopped, Idle, Aborted, Held: the states in which an output may be jogged by hand. */
export function canJog(state: number | undefined): boolean {
  return state === 2 || state === 4 || state === 9 || state === 11;
}
