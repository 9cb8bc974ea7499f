// One bench as the page sees it: what was loaded once, and what the WebSocket keeps current. Made once per log-in.
import { type ComputedRef, type ShallowRef, computed, inject, provide, ref, shallowRef } from "vue";
import { type Alarm, BenchApi, type BenchInfo, type Look, type Me, type MaintenanceNow, Problem, type Tag, type WireInfo, type WrongNow, me } from "../api.ts";
import { PlayoutClock } from "../core/clock.ts";
import type { Layout, LineFrame, Quality, TagFrame, Text, Value } from "../core/protocol.ts";
import { type Part, Scene } from "../core/scene.ts";
import { type Frame, Stream, type StreamState, browser } from "../core/stream.ts";

const TICK_MS = 200;
const HIDDEN_S = 5;
const KEY = Symbol("bench");

export class Bench {
  readonly api: BenchApi;
  readonly scene = new Scene();
  readonly clock = new PlayoutClock();
  readonly connection = ref<StreamState>("connecting");
  readonly values: ShallowRef<(Value | null)[]> = shallowRef([]);
  readonly qualities: ShallowRef<(Quality | undefined)[]> = shallowRef([]);
  readonly states: ShallowRef<Record<string, number>> = shallowRef({});
  readonly control: ShallowRef<Record<string, string>> = shallowRef({});
  readonly steps: ShallowRef<Record<string, string>> = shallowRef({});
  readonly parts: ShallowRef<Part[]> = shallowRef([]);
  readonly wires: ShallowRef<WireInfo[]> = shallowRef([]);
  readonly wrong: ShallowRef<WrongNow> = shallowRef({ active: [], scenario: null, differs: [], links: {} });
  readonly alarms: ShallowRef<Map<string, Alarm>> = shallowRef(new Map());
  readonly maintenance: ShallowRef<MaintenanceNow> = shallowRef({ jobs: [], locked: [], taken: {}, cost: 0, done: 0 });
  readonly simTime = ref(0);
  readonly rate = ref(1);
  readonly station = ref("");
  readonly part = ref<string | null>(null);
  /** The chosen component, which is one of the chosen station. */
  readonly component = ref("");
  readonly ready = ref(false);
  readonly connected: ComputedRef<boolean>;
  onDenied: () => void = () => undefined;
  private readonly indexes = new Map<string, number>();
  private readonly byName = new Map<string, Tag>();
  private stream: Stream | null = null;
  private timer = 0;
  private seen = -1;
  private hiddenAt = 0;
  private ticks = 0;

  constructor(
    readonly me: Me,
    readonly info: BenchInfo,
    readonly tags: Tag[],
    readonly layout: Layout,
    wires: WireInfo[],
  ) {
    this.api = new BenchApi(me.bench);
    this.wires.value = wires;
    this.station.value = layout.stations[0]?.name ?? "";
    this.connected = computed(() => this.connection.value === "live" || this.connection.value === "late");
    for (const tag of tags) {
      this.indexes.set(tag.name, tag.index);
      this.byName.set(tag.name, tag);
    }
    this.shown = this.shown.bind(this);
  }

  static async load(): Promise<Bench> {
    const who = await me();
    const api = new BenchApi(who.bench);
    const [info, tags, layout, wires] = await Promise.all([api.info(), api.tags(), api.layout(), api.wires()]);
    return new Bench(who, info, tags, layout, wires);
  }

  start(): void {
    const n = this.me.bench;
    this.stream = new Stream(browser("/api/ws"));
    this.stream.onState = (state) => this.enter(state);
    this.stream.subscribe(`line:${n}`, (frame) => this.takeLine(frame));
    this.stream.subscribe(`tags:${n}`, (frame) => this.takeTags(frame as unknown as TagFrame));
    this.stream.subscribe(`wires:${n}`, (frame) => this.takeWires(frame));
    this.stream.subscribe(`alarms:${n}`, (frame) => this.takeAlarms(frame));
    this.stream.subscribe(`maintenance:${n}`, (frame) => this.takeMaintenance(frame));
    if (this.me.role === "instructor") this.stream.subscribe(`faults:${n}`, (frame) => this.takeFaults(frame));
    this.timer = window.setInterval(() => this.tick(), TICK_MS);
    document.addEventListener("visibilitychange", this.shown);
  }

  /** A bench that shows a moment of the past of this one and hears nothing more. */
  past(look: Look): Bench {
    const then = new Bench(this.me, this.info, this.tags, this.layout, []);
    then.takeLine({ ch: "", k: "snap", seq: 0, ...look.scene } as unknown as Frame);
    then.takeTags({ k: "snap", v: look.values.map(([index, value, quality]) => [index, value, quality]) } as unknown as TagFrame);
    then.tick();
    return then;
  }

  stop(): void {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.shown);
    this.stream?.close();
    this.stream = null;
  }

  /** The field value of a tag now, by name. Not reactive: for drawing. */
  field(name: string): Value | undefined {
    const index = this.indexes.get(name);
    return index === undefined ? undefined : (this.values.value[index] ?? undefined);
  }

  /** A tag by its name. */
  tag(name: string): Tag | undefined {
    return this.byName.get(name);
  }

  /** What a part is, in words: its kind, or its colour where the line tells no kinds apart. */
  sortOf(part: Part | undefined): Text | undefined {
    const { kinds, colours } = this.layout.part;
    return kinds?.[(part?.kind ?? 0) - 1]?.title ?? colours[(part?.colour ?? 0) - 1];
  }

  private enter(state: StreamState): void {
    this.connection.value = state;
    if (state === "denied") this.onDenied();
    if (state === "lost") void this.checkLogin();
  }

  /** The server may have forgotten us while it was away. */
  private async checkLogin(): Promise<void> {
    const problem = await me().then(
      () => null,
      (error: unknown) => error,
    );
    if (problem instanceof Problem && problem.status === 401) this.onDenied();
  }

  private takeLine(raw: Frame): void {
    const frame = raw as unknown as LineFrame;
    if (frame.k === "snap") this.clock.reset();
    if (frame.clk) this.clock.receive(performance.now() / 1000, frame.clk);
    if (!this.scene.take(frame)) this.stream?.resnap(raw.ch);
    this.rate.value = this.clock.rate;
    if (frame.k === "snap") this.tick();
  }

  private takeTags(frame: TagFrame): void {
    const whole = frame.k === "snap";
    const values = whole ? [] : this.values.value.slice();
    const qualities = whole ? [] : this.qualities.value.slice();
    for (const [index, value, quality] of frame.v) {
      values[index] = value;
      qualities[index] = quality ?? "good";
    }
    this.values.value = values;
    this.qualities.value = qualities;
  }

  /** Pushed wires carry no passwords: keep those that were loaded. */
  private takeWires(frame: Frame): void {
    const { wires, v } = frame as unknown as { wires?: WireInfo[]; v?: WireInfo[] };
    const old = new Map(this.wires.value.map((w) => [w.wire, w]));
    const pushed = wires ?? v ?? [];
    for (const w of pushed) old.set(w.wire, { ...old.get(w.wire), ...w, ...secrets(old.get(w.wire)) });
    this.wires.value = [...old.values()];
  }

  private takeAlarms(frame: Frame): void {
    const { k, alarms } = frame as unknown as { k: string; alarms?: Alarm[] };
    const known = new Map(k === "snap" ? [] : this.alarms.value);
    for (const alarm of alarms ?? []) known.set(alarm.name, alarm);
    this.alarms.value = known;
  }

  private takeMaintenance(frame: Frame): void {
    this.maintenance.value = frame as unknown as MaintenanceNow;
  }

  private takeFaults(frame: Frame): void {
    this.wrong.value = { ...this.wrong.value, ...(frame as unknown as Partial<WrongNow>) };
  }

  private tick(): void {
    if (++this.ticks % 5 === 0) this.stream?.check();
    const t = this.clock.sim(performance.now() / 1000);
    this.scene.settle(t);
    if (this.connected.value) this.simTime.value = t;
    if (this.scene.version === this.seen) return;
    this.seen = this.scene.version;
    this.states.value = { ...this.scene.states };
    this.control.value = { ...this.scene.control };
    this.steps.value = { ...this.scene.steps };
    this.parts.value = [...this.scene.parts.values()].filter((part) => part.place.newest[1][0] !== "gone");
    this.ready.value = this.scene.ready;
    if (this.part.value !== null && !this.parts.value.some((p) => p.serial === this.part.value)) this.part.value = null;
  }

  private shown(): void {
    const now = performance.now() / 1000;
    if (document.hidden) this.hiddenAt = now;
    else if (now - this.hiddenAt > HIDDEN_S) this.stream?.resnap(`line:${this.me.bench}`);
  }
}

function secrets(wire: WireInfo | undefined): Pick<WireInfo, "user" | "password"> {
  const kept: Pick<WireInfo, "user" | "password"> = {};
  if (wire?.user !== undefined) kept.user = wire.user;
  if (wire?.password !== undefined) kept.password = wire.password;
  return kept;
}

export function provideBench(bench: Bench): void {
  provide(KEY, bench);
}

export function useBench(): Bench {
  return inject(KEY) as Bench;
}
