// One WebSocket per tab, channels over it. Finds gaps, asks for new snapshots, reconnects. Knows no page.

export type StreamState = "connecting" | "live" | "late" | "lost" | "denied";

export interface Frame {
  ch: string;
  k: string;
  seq?: number;
}

export interface Socket {
  onopen: ((event: Event) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  send(data: string): void;
  close(): void;
}

export interface Surroundings {
  open(): Socket;
  now(): number; // seconds, never steps
  later(ms: number, what: () => void): unknown;
  random(): number;
}

type Listener = (frame: Frame) => void;

const LATE_S = 2.5;
const STALE_S = 5;
const RETRY_MS = 500;
const RETRY_MAX_MS = 10_000;
/** Close codes that a new attempt cannot mend: log in again, or not yours. */
const DENIED = new Set([4401, 4403]);

/** `late` and `lost` come from `check`, which the page calls about once a second. */
export class Stream {
  state: StreamState = "connecting";
  onState: (state: StreamState) => void = () => undefined;
  bytes = 0;
  private socket: Socket | null = null;
  private listeners = new Map<string, Listener>();
  private seqs = new Map<string, number>();
  private attempts = 0;
  private heard = 0;
  private closed = false;

  constructor(private readonly around: Surroundings) {
    this.connect();
  }

  subscribe(channel: string, listener: Listener): void {
    this.listeners.set(channel, listener);
    if (this.isOpen) this.ask(channel);
  }

  unsubscribe(channel: string): void {
    this.listeners.delete(channel);
    this.seqs.delete(channel);
    if (this.isOpen) this.say("unsub", channel);
  }

  /** Ask for a new snapshot; what arrives before it is dropped. */
  resnap(channel: string): void {
    if (!this.isOpen) return;
    this.say("unsub", channel);
    this.ask(channel);
  }

  /** Without a frame for long the connection is late, then stale: everything is asked for again. */
  check(): void {
    if (!this.isOpen) return;
    const silent = this.around.now() - this.heard;
    if (silent > STALE_S) {
      this.heard = this.around.now();
      for (const channel of this.listeners.keys()) this.resnap(channel);
    }
    if (silent > LATE_S) this.enter("late");
  }

  close(): void {
    this.closed = true;
    this.socket?.close();
  }

  private get isOpen(): boolean {
    return this.state === "live" || this.state === "late";
  }

  private connect(): void {
    if (this.closed) return;
    const socket = this.around.open();
    this.socket = socket;
    socket.onopen = () => this.opened();
    socket.onmessage = (event) => this.receive(String(event.data));
    socket.onclose = (event) => this.dropped(event.code);
  }

  private opened(): void {
    this.attempts = 0;
    this.heard = this.around.now();
    this.enter("live");
    for (const channel of this.listeners.keys()) this.ask(channel);
  }

  private dropped(code: number): void {
    if (this.closed) return;
    this.seqs.clear();
    if (DENIED.has(code)) return this.enter("denied");
    this.enter("lost");
    const wait = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** this.attempts++) * (0.5 + this.around.random());
    this.around.later(wait, () => this.connect());
  }

  private receive(data: string): void {
    this.bytes += data.length;
    const frame = JSON.parse(data) as Frame;
    this.heard = this.around.now();
    if (this.state === "late") this.enter("live");
    const listener = this.listeners.get(frame.ch);
    if (listener && this.inOrder(frame)) listener(frame);
  }

  /** A snapshot starts a count; a delta must be the next one. Nothing is taken between a gap and its snapshot. */
  private inOrder(frame: Frame): boolean {
    if (frame.seq === undefined) return true;
    const last = this.seqs.get(frame.ch);
    if (frame.k === "snap") return this.count(frame.ch, frame.seq);
    if (last === undefined) return false;
    if (frame.seq === last + 1) return this.count(frame.ch, frame.seq);
    this.resnap(frame.ch);
    return false;
  }

  private count(channel: string, seq: number): boolean {
    this.seqs.set(channel, seq);
    return true;
  }

  private ask(channel: string): void {
    this.seqs.delete(channel);
    this.say("sub", channel);
  }

  private say(op: "sub" | "unsub", ch: string): void {
    this.socket?.send(JSON.stringify({ op, ch }));
  }

  private enter(state: StreamState): void {
    if (state === this.state) return;
    this.state = state;
    this.onState(state);
  }
}

/** The surroundings of a real browser. */
export function browser(path: string): Surroundings {
  return {
    open: () => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`),
    now: () => performance.now() / 1000,
    later: (ms, what) => setTimeout(what, ms),
    random: () => Math.random(),
  };
}
