// What the server says on the wire to a browser: shapes only. The contract with api/rest.py and api/ws.py.

export interface Text {
  zh: string;
  en: string;
}

/** A travel: where something is as a function of simulated time. `goal` null: no limit. */
export type Move = [x0: number, perSecond: number, goal: number | null];
export type TimedMove = [t0: number, x0: number, perSecond: number, goal: number | null];

/** Where a part is: riding on a belt, resting at a position, carried by or lying in a component, or gone. */
export type Place =
  | ["ride", string, number]
  | ["rest", string, number]
  | ["in", string, string | number | null]
  | ["gone", string];

export type Verdict = "ok" | "reject" | null;

export interface PartSnap {
  colour: number | null;
  /** Number of its kind, from 1; absent where a line tells no kinds apart. */
  kind?: number;
  verdict: Verdict | "null";
  at: Place | null;
}

/** Simulated time `sim` at the server's monotonic time `mono`, running at `rate` (0: frozen). */
export interface Clk {
  sim: number;
  mono: number;
  rate: number;
}

export type LineEvent =
  | [number, "move", string, Move]
  | [number, "part", number | string, Place]
  | [number, "new", number | string, { colour: number; kind?: number }]
  | [number, "verdict", number | string, Verdict]
  | [number, "state", string, number]
  | [number, "step", string, string]
  | [number, "mode", string, string]
  | [number, "control", string, string];

export interface LineSnap {
  k: "snap";
  seq: number;
  clk: Clk;
  moves: Record<string, TimedMove>;
  parts: Record<string, PartSnap>;
  st: Record<string, number>;
  control: Record<string, string>;
  steps: Record<string, string>;
  /** What each flow component does: working, blocked, starved, down. */
  modes?: Record<string, string>;
}

export interface LineDelta {
  k: "ev";
  seq: number;
  clk?: Clk;
  ev?: LineEvent[];
}

export type LineFrame = LineSnap | LineDelta;
export type Quality = "good" | "uncertain" | "bad";
export type Value = boolean | number;
export type TagChange = [index: number, value: Value | null, quality?: Quality];

export interface TagFrame {
  k: "snap" | "ev";
  seq: number;
  v: TagChange[];
}

export interface LayoutComponent {
  name: string;
  station: string;
  kind: string;
  title: Text;
  x: number;
  y: number;
  z?: number;
  heading?: number;
  /** Lengths in metres, volumes in litres, counts; lists of them. */
  parameters?: Record<string, number | number[]>;
  joins?: Record<string, string[]>;
  /** Port -> suffix of its tag, where the line file renames it. */
  signals?: Record<string, string>;
  position?: number | null;
}

export interface LayoutStation {
  name: string;
  title: Text;
  x: number;
  y: number;
  w: number;
  h: number;
  /** Titles of the built-in program's steps, by chain and step. */
  steps?: Record<string, Record<string, Text>>;
}

/** A sort of parts, numbered from 1. Metres and kilogrammes. */
export interface PartKind {
  title: Text;
  height: number;
  mass: number;
  material: string;
}

/** Static geometry of a line: metres east and south of the line's corner. */
export interface Layout {
  line: string;
  title: Text;
  size: [number, number];
  part: { length: number; colours: Text[]; kinds?: PartKind[] };
  stations: LayoutStation[];
  components: LayoutComponent[];
}
