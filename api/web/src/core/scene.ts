// What is on the line at any shown instant: travels, parts, states. Fed with frames; knows no socket and no canvas.
import type { LineDelta, LineEvent, LineFrame, LineSnap, Place, TimedMove, Verdict } from "./protocol.ts";
import { Timeline, at, speed } from "./travel.ts";

export interface Part {
  serial: string;
  colour: number;
  /** Number of its kind, 0 where the line tells none apart. */
  kind: number;
  verdict: Verdict;
  place: Timeline<Place>;
}

type Handler = (scene: Scene, event: LineEvent) => void;

/** How long a part that left is kept, so that a late frame still finds it. Simulated seconds. */
const GONE_KEPT_S = 2;
const PENDING_MAX = 4000;

/**
 * Motion (moves, places of parts) is kept as timelines and read at any instant. Facts (states, steps, verdicts) wait in
 * `pending` until `settle` is called with the instant that is shown.
 */
export class Scene {
  readonly parts = new Map<string, Part>();
  readonly states: Record<string, number> = {};
  readonly control: Record<string, string> = {};
  readonly steps: Record<string, string> = {};
  readonly modes: Record<string, string> = {};
  /** Grows with each change of a fact or of the set of parts, so that a page can follow it. */
  version = 0;
  ready = false;
  private moves = new Map<string, Timeline<TimedMove>>();
  private pending: LineEvent[] = [];

  /** Take one frame in. False: too much is waiting, ask for a snapshot. */
  take(frame: LineFrame): boolean {
    if (frame.k === "snap") this.restart(frame);
    else this.extend(frame);
    return this.pending.length < PENDING_MAX;
  }

  /** Let the facts take effect whose instant has come. True if anything changed. */
  settle(t: number): boolean {
    const due = this.pending.filter((event) => event[0] <= t);
    const swept = this.sweep(t);
    if (due.length > 0) {
      this.pending = this.pending.filter((event) => event[0] > t);
      for (const event of due) FACTS[event[1]]?.(this, event);
    }
    if (due.length > 0 || swept) this.version++;
    return due.length > 0 || swept;
  }

  /** Position of a component at `t`: mm of a belt or an axis, 0..1 of a stroke. 0 where it never moved. */
  position(component: string, t: number): number {
    const line = this.moves.get(component);
    return line ? at(line.at(t), t) : 0;
  }

  speed(component: string, t: number): number {
    const line = this.moves.get(component);
    return line ? speed(line.at(t), t) : 0;
  }

  hasMoved(component: string): boolean {
    return this.moves.has(component);
  }

  addMove(component: string, move: TimedMove): void {
    const line = this.moves.get(component);
    if (line) line.push(move[0], move);
    else this.moves.set(component, new Timeline(move[0], move));
  }

  /** What a component holds at `t`, in order of arrival. */
  contents(component: string, t: number): Part[] {
    const held = [...this.parts.values()].filter((part) => {
      const place = part.place.at(t);
      return place[0] === "in" && place[1] === component;
    });
    return held.sort((a, b) => a.place.begun(t) - b.place.begun(t));
  }

  /** The part of this serial number, made when it is not known yet. */
  part(serial: number | string, t: number, place: Place = ["gone", ""]): Part {
    const key = String(serial);
    let part = this.parts.get(key);
    if (!part) {
      part = { serial: key, colour: 0, kind: 0, verdict: null, place: new Timeline(t, place) };
      this.parts.set(key, part);
    }
    return part;
  }

  private restart(snap: LineSnap): void {
    this.moves.clear();
    this.parts.clear();
    this.pending = [];
    for (const [name, move] of Object.entries(snap.moves)) this.addMove(name, move);
    for (const [serial, given] of Object.entries(snap.parts)) {
      const part = this.part(serial, snap.clk.sim, given.at ?? ["gone", ""]);
      part.colour = given.colour ?? 0;
      part.kind = given.kind ?? 0;
      part.verdict = verdictOf(given.verdict);
    }
    replace(this.states, snap.st);
    replace(this.control, snap.control);
    replace(this.steps, snap.steps);
    replace(this.modes, snap.modes);
    this.ready = true;
    this.version++;
  }

  private extend(delta: LineDelta): void {
    for (const event of delta.ev ?? []) {
      const motion = MOTION[event[1]];
      if (motion) motion(this, event);
      else this.pending.push(event);
    }
  }

  private sweep(t: number): boolean {
    let swept = false;
    for (const [serial, part] of this.parts) {
      const [since, place] = part.place.newest;
      if (place[0] === "gone" && since < t - GONE_KEPT_S) swept = this.parts.delete(serial) || swept;
    }
    return swept;
  }
}

function verdictOf(given: string | null): Verdict {
  return given === "ok" || given === "reject" ? given : null;
}

function replace<T>(record: Record<string, T>, by: Record<string, T> | undefined): void {
  for (const key of Object.keys(record)) delete record[key];
  Object.assign(record, by);
}

const MOTION: Partial<Record<LineEvent[1], Handler>> = {
  move: (scene, event) => {
    const [t, , component, [x0, v, goal]] = event as Extract<LineEvent, [number, "move", ...unknown[]]>;
    scene.addMove(component, [t, x0, v, goal]);
  },
  part: (scene, event) => {
    const [t, , serial, place] = event as Extract<LineEvent, [number, "part", ...unknown[]]>;
    scene.part(serial, t).place.push(t, place);
    scene.version++;
  },
  new: (scene, event) => {
    const [t, , serial, { colour, kind }] = event as Extract<LineEvent, [number, "new", ...unknown[]]>;
    const part = scene.part(serial, t);
    [part.colour, part.kind] = [colour, kind ?? 0];
  },
};

const FACTS: Partial<Record<LineEvent[1], Handler>> = {
  verdict: (scene, event) => {
    const [t, , serial, verdict] = event as Extract<LineEvent, [number, "verdict", ...unknown[]]>;
    scene.part(serial, t).verdict = verdictOf(verdict);
  },
  state: (scene, event) => void (scene.states[event[2]] = event[3] as number),
  mode: (scene, event) => void (scene.modes[event[2]] = event[3] as string),
  step: (scene, event) => void (scene.steps[event[2]] = event[3] as string),
  control: (scene, event) => void (scene.control[event[2]] = event[3] as string),
};
