// The calls of the page to api/rest.py. Errors come as `Problem` with a code that the page translates.
import type { Layout, Quality, Text, Value } from "./core/protocol.ts";
import { type Params, known, lookup, t } from "./i18n/index.ts";

export type Role = "observer" | "trainee" | "instructor" | "engineer";
export type Control = "builtin" | "modbus" | "opcua" | "mqtt";
export const CONTROLS: Control[] = ["builtin", "modbus", "opcua", "mqtt"];
export type Element = "start" | "stop" | "reset" | "estop";

export interface Me {
  bench: number;
  role: Role;
}

export interface BenchInfo {
  bench: number;
  line: { name: string; title: Text };
  clock: { state: "running" | "frozen"; speed: number; sim_s: number; slips: number };
  stations: { name: string; title: Text }[];
  operator?: boolean;
}

export interface ModbusAddress {
  table: string;
  address: number;
  scale?: number;
  address_32?: number | null;
  word_order?: string | null;
}

export interface Tag {
  index: number;
  name: string;
  station: string;
  signal: string;
  type: string;
  direction: "input" | "output" | "status" | "parameter";
  title: Text;
  unit: string;
  low: number | null;
  high: number | null;
  decimals: number;
  momentary: boolean;
  address: {
    iec_address?: string;
    modbus?: ModbusAddress;
    opcua?: { node_id: string };
    mqtt?: { state?: string; set?: string | null };
  };
}

export interface LastWrite {
  ts: string | number;
  client: string;
  tag: string;
  value: Value;
  refusal: string | null;
}

export interface WireInfo {
  wire: string;
  url: string;
  /** Where the wire listens as well. */
  more_urls?: string[];
  user?: string;
  password?: string;
  clients: number;
  last: LastWrite | null;
  requests: number;
  refused: number;
  rejected: number;
}

export interface Alarm {
  name: string;
  station: string;
  title: Text;
  message: Text;
  cause: Text;
  consequence: Text;
  action: Text;
  priority: string;
  state: string;
  active: boolean;
  level: string;
  severity: number;
  acked: boolean;
  confirmed: boolean;
  latched: boolean;
  shelved: string;
  suppressed: boolean;
  out_of_service: boolean;
  retain: boolean;
  comment: string;
  comment_by: string;
  came: string | null;
  longest_shelf_s: number;
}

export interface AlarmAction {
  do: "ack" | "confirm" | "comment" | "reset" | "shelve" | "unshelve";
  for_s?: number;
  once?: boolean;
  comment?: string;
}

export interface AlarmFigures {
  hours: number;
  alarms: number;
  per_10_min: number;
  peak_10_min: number;
  floods: number;
  flood_share: number;
  chattering: string[];
  stale: string[];
  top: { alarm: string; count: number; share: number }[];
  priorities: Record<string, number>;
  acknowledged: number;
  acknowledge_median_s: number | null;
  acknowledge_most_s: number | null;
  active: number;
  unacknowledged: number;
}

export interface AlarmRow {
  id: number;
  ts: string;
  sim_s: number;
  alarm: string;
  what: string;
  state: string;
  level: string;
  severity: number;
  priority: string;
  value: Value;
  who: string;
  comment: string;
}

/** Which rows of the alarm journal; what is empty lets everything through. */
export interface AlarmWanted {
  station: string;
  what: string;
  priority: string;
}

export interface ModbusAsked {
  seconds_ago: number;
  unit: number;
  function: number;
  address: number;
  count: number;
  exception: number;
  zeros: boolean;
}

export interface ModbusClient {
  client: string;
  way: string;
  seconds: number;
  requests: Record<string, number>;
  exceptions: Record<string, number>;
  units: number[];
  last: ModbusAsked[];
  hints: Text[];
}

export interface Certificate {
  shelf: string;
  thumbprint: string;
  name: string;
  uri: string;
  issuer: string;
  valid_from: string;
  valid_to: string;
  valid: boolean;
}

/** Seconds in each state of its kind, and its cycles. */
export interface ComponentFigures {
  name: string;
  kind: string;
  cycles: number;
  time_in_state_s: Record<string, number>;
  states?: Record<string, Text>;
  cycle?: Text | null;
}

export interface FaultKind {
  fault: string;
  title?: Text;
  symptom?: Text;
  remedy?: Text;
  targets?: string[];
  parameters?: FaultFigure[];
}

/** A figure of a fault that may be set: as files write it, `20 %`, `2 s`, true. */
export interface FaultFigure {
  name: string;
  title: Text;
  default: Value | string;
  low: Value | string | null;
  high: Value | string | null;
  choices: (Value | string)[];
}

export interface ActiveFault {
  id: string;
  fault: string;
  target: string;
  since_s?: number;
}

export interface ScenarioEntry {
  entry: string;
  state: string;
  fault: string;
  target: string;
  since_s: number | null;
  due_s: number | null;
  /** Times it could not begin: something else was in its place. */
  refused: number;
}

export interface RunningScenario {
  name: string;
  title: Text;
  since_s: number;
  entries: ScenarioEntry[];
}

/** What is wrong with the line now. */
export interface WrongNow {
  active: ActiveFault[];
  scenario: RunningScenario | null;
  /** Tag, what the wires say, quality, what is true. */
  differs: [string, Value, Quality, Value][];
  links: Record<string, Record<string, Value | string>>;
}

export interface Condition {
  name: string;
  title: Text;
  description: Text;
  run_s: number;
  ready: boolean;
}

export interface Snapshot {
  id: string;
  name: string;
  bench: number;
  run: string;
  t_s: number;
  utc: string;
  by: string;
}

export interface Scenario {
  name: string;
  title: Text;
  description: Text;
  instructor: Text;
  hints: Text[];
  level: number;
  initial: boolean;
}

/** A moment of the past. `values` are index, what the wires said, quality, what was true. */
export interface Look {
  t_s: number;
  values: [number, Value, Quality, Value][];
  scene: Record<string, unknown>;
  alarms: { name: string; state: string; level: string }[];
  faults: ActiveFault[];
}

export interface BenchAnswer {
  bench: number;
  ok: boolean;
  code: string;
  params: Params;
}

export interface MaintenanceJob {
  number: number;
  place: string;
  target: string;
  operation: string;
  began_s: number;
  due_s: number;
  express: boolean;
}

/** One tag that twin and device both have. */
export interface ComparedTag {
  tag: string;
  device_value: unknown;
  quality: string;
  why: string;
  twin: unknown;
  shown: unknown;
  source: "sim" | "real" | "forced";
  agreement: number | null;
  apart_s: number;
  apart_now_s: number;
  longest_s: number;
  largest: number;
  delay_s: number | null;
}

export interface DeviceTest {
  passed: boolean;
  took_s: number | null;
  within_s: number;
  why: string;
}

/** A station that a binding names. */
export interface RealStation {
  station: string;
  device: string;
  mode: "sim" | "shadow" | "real";
  armed: boolean;
  unconfirmed: boolean;
  parts: number[];
  handover: { expected: boolean; present: boolean; inside: number[]; done: number } | null;
  lost: string;
  can_arm: boolean;
  interlock: { text: string; holds: boolean } | null;
  lease: { by: string } | null;
  test: (DeviceTest & { valid: boolean }) | null;
  verdict: "agree" | "differ" | "unknown";
  tags: ComparedTag[];
}

export interface RealDevices {
  binding: string | null;
  label: "MIL" | "SIL" | "HIL";
  devices: { name: string; url: string; state: "closed" | "opening" | "up" | "lost"; why: string; requests: number; errors: number; losses: number; latency_ms: { p50: number; p99: number } | null }[];
  stations: RealStation[];
}

export interface AuditEntry {
  utc: string;
  by: string;
  what: string;
  station: string;
  tag?: string;
  value?: unknown;
  why?: string;
  answer?: string;
}

/** What changes about maintenance. */
export interface MaintenanceNow {
  jobs: MaintenanceJob[];
  locked: string[];
  taken: Record<string, number>;
  cost: number;
  done: number;
}

export interface MaintenanceTarget {
  name: string;
  place: string;
  title: Text;
  category: string;
}

export interface MaintenanceWork {
  operation: string;
  title: Text;
  seconds: number;
  lock_out: boolean;
}

export interface MaintenanceCategory {
  name: string;
  title: Text;
  remark: Text | null;
  spare: string | null;
  operations: MaintenanceWork[];
}

export interface SparePart {
  name: string;
  title: Text;
  price: number;
  stock: number;
  left: number;
}

export interface Maintenance extends MaintenanceNow {
  places: { name: string; title: Text; lockable: boolean }[];
  targets: MaintenanceTarget[];
  categories: MaintenanceCategory[];
  spares: SparePart[];
}

/** What an instrument shows beside what it should agree with: the I/O card (`field`) or the data sheet (`sheet`). */
export interface MaintenanceFigure {
  title: Text;
  unit: string;
  found: Value | null;
  stated: Value | null;
  against: string;
}

export interface MaintenanceRecord {
  number: number;
  target: string;
  operation: string;
  began_s: number;
  ended_s: number;
  spare: string | null;
  cost: number;
  notes: Text[];
  figures: MaintenanceFigure[];
  who: string | null;
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly params: Params = {},
  ) {
    super(code);
  }

  /** The reason in words. */
  get why(): string {
    return refusalWords(this.code, this.params);
  }
}

/** A refusal's reason in words. */
export function refusalWords(code: string, params: Params = {}): string {
  return lookup(known(`refusal.${code}`) ? `refusal.${code}` : `error.${code}`, "error.other", params);
}

/** What a person wanted and why it was refused, as one sentence with the code. */
export function sentence(what: string, problem: unknown): string {
  const known = problem instanceof Problem ? problem : new Problem(0, "internal");
  return t("toast.refused", { what, why: known.why, code: `E-${known.code.toUpperCase().replace(/_/g, "-")}` });
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["content-type"] = "application/json";
  if (method !== "GET") headers["idempotency-key"] = key();
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (body !== undefined) init.body = JSON.stringify(body);
  const response = await fetch(`/api${path}`, init).catch(() => null);
  if (!response) throw new Problem(0, "network");
  const data: unknown = await response.json().catch(() => ({}));
  if (!response.ok) {
    const told = data as { code?: string; params?: Params };
    throw new Problem(response.status, told.code ?? "internal", told.params);
  }
  return data as T;
}

function key(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

function query(params: Record<string, string>): string {
  const given = Object.entries(params).filter(([, value]) => value !== "" && value !== "0");
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

export const login = (token: string): Promise<Me> => call("POST", "/login", { token });
export const logout = (): Promise<unknown> => call("POST", "/logout");
export const me = (): Promise<Me> => call("GET", "/me");

/** On some benches of the lab, or with none named on all; without a name the scenario ends there. */
export const labScenario = (name: string, benches: number[], here: boolean): Promise<BenchAnswer[]> =>
  call("POST", "/lab/scenario", { name, benches, here });
export const labBenches = (): Promise<{ bench: number; code: string; scenario: RunningScenario | null }[]> => call("GET", "/lab/benches");

/** Everything that a page asks of one bench. */
export class BenchApi {
  constructor(readonly n: number) {}

  info = (): Promise<BenchInfo> => call("GET", this.at(""));
  tags = (): Promise<Tag[]> => call("GET", this.at("/tags"));
  layout = (): Promise<Layout> => call("GET", this.at("/layout"));
  wires = (): Promise<WireInfo[]> => call("GET", this.at("/wires"));
  faults = (): Promise<{ catalogue: FaultKind[]; active: ActiveFault[] }> => call("GET", this.at("/faults"));

  panel = (station: string, element: Element | string, pressed: boolean | number): Promise<unknown> =>
    call("POST", this.at("/panel"), { station, element, pressed });
  key = (station: string, control: Control): Promise<unknown> => call("POST", this.at("/key"), { station, control });
  jog = (tag: string, value: Value): Promise<unknown> => call("POST", this.at("/jog"), { tag, value });
  write = (tag: string, value: Value): Promise<unknown> => call("POST", this.at("/write"), { tag, value });
  removePart = (serial: string): Promise<unknown> => call("DELETE", this.at(`/parts/${serial}`));

  freeze = (): Promise<unknown> => call("POST", this.at("/clock"), { action: "freeze" });
  run = (speed?: number): Promise<unknown> =>
    call("POST", this.at("/clock"), speed === undefined ? { action: "run" } : { action: "run", speed });
  step = (by: "event" | "time"): Promise<unknown> => call("POST", this.at("/clock"), { action: "step", by, seconds: 1 });
  reset = (): Promise<unknown> => call("POST", this.at("/reset"));
  operator = (on: boolean): Promise<unknown> => call("POST", this.at("/operator"), { on });
  fire = (fault: Record<string, unknown>): Promise<{ id: string }> => call("POST", this.at("/faults"), fault);
  endFault = (id: string): Promise<unknown> => call("DELETE", this.at(`/faults/${encodeURIComponent(id)}`));

  endFaults = (): Promise<unknown> => call("DELETE", this.at("/faults"));

  conditions = (): Promise<{ conditions: Condition[]; snapshots: Snapshot[]; errors: string[] }> => call("GET", this.at("/conditions"));
  loadCondition = (name: string, frozen: boolean): Promise<unknown> => call("POST", this.at(`/conditions/${name}`), { frozen });
  takeSnapshot = (name: string): Promise<Snapshot> => call("POST", this.at("/snapshots"), { name });
  loadSnapshot = (id: string, frozen: boolean): Promise<unknown> => call("POST", this.at(`/snapshots/${id}`), { frozen });
  deleteSnapshot = (id: string): Promise<unknown> => call("DELETE", this.at(`/snapshots/${id}`));
  runs = (): Promise<string[]> => call("GET", this.at("/runs"));
  look = (t_s: number, run: string): Promise<Look> => call("GET", this.at("/past") + `?t_s=${t_s}&run=${run}`);
  branch = (t_s: number, run: string, frozen: boolean): Promise<unknown> => call("POST", this.at("/branch"), { t_s, run, frozen });
  scenarios = (): Promise<{ scenarios: Scenario[]; errors: string[] }> => call("GET", this.at("/scenarios"));
  loadScenario = (name: string, here: boolean, frozen: boolean): Promise<unknown> => call("POST", this.at(`/scenarios/${name}`), { here, frozen });
  endScenario = (): Promise<unknown> => call("DELETE", this.at("/scenario"));
  fireEntry = (entry: string): Promise<unknown> => call("POST", this.at(`/scenario/${entry}`));

  alarm = (name: string, action: AlarmAction): Promise<unknown> => call("POST", this.at(`/alarms/${name}`), action);

  alarmFigures = (hours: number | null): Promise<AlarmFigures> =>
    call("GET", this.at("/alarm-figures") + (hours === null ? "" : `?hours=${hours}`));
  alarmJournal = (wanted: AlarmWanted, after: number): Promise<{ rows: AlarmRow[]; next: number | null }> =>
    call("GET", this.at("/alarm-journal") + query({ ...wanted, after: String(after), limit: "50" }));
  /** Where a browser downloads the journal from. */
  alarmCsv = (wanted: AlarmWanted): string => `/api${this.at("/alarm-journal.csv")}${query({ ...wanted })}`;

  maintenance = (): Promise<Maintenance> => call("GET", this.at("/maintenance"));
  maintenanceLog = (): Promise<MaintenanceRecord[]> => call("GET", this.at("/maintenance/log"));
  maintain = (target: string, operation: string): Promise<{ job: number }> => call("POST", this.at("/maintenance"), { target, operation });
  lock = (station: string, on: boolean): Promise<unknown> => call("POST", this.at("/lock"), { station, on });

  modbus = (): Promise<ModbusClient[]> => call("GET", this.at("/modbus"));
  components = (): Promise<ComponentFigures[]> => call("GET", this.at("/components"));
  certificates = (): Promise<Certificate[]> => call("GET", this.at("/certificates"));
  moveCertificate = (thumbprint: string, to: string): Promise<unknown> => call("POST", this.at(`/certificates/${thumbprint}`), { to });
  deleteCertificate = (thumbprint: string): Promise<unknown> => call("DELETE", this.at(`/certificates/${thumbprint}`));
  devices = (): Promise<RealDevices> => call("GET", this.at("/devices"));
  deviceAudit = (): Promise<AuditEntry[]> => call("GET", this.at("/devices/audit"));
  deviceMode = (of: string, mode: string): Promise<unknown> => call("POST", this.at("/devices/mode"), { of, mode });
  deviceTest = (station: string): Promise<DeviceTest> => call("POST", this.at("/devices/test"), { station });
  deviceArm = (station: string): Promise<{ lease: string; seconds: number }> => call("POST", this.at("/devices/arm"), { station });
  deviceLease = (station: string, lease: string): Promise<unknown> => call("POST", this.at("/devices/lease"), { station, lease });
  deviceDisarm = (station: string): Promise<unknown> => call("POST", this.at("/devices/disarm"), { station });
  deviceConfirm = (station: string, parts: number[]): Promise<unknown> => call("POST", this.at("/devices/confirm"), { station, parts });
  commissioning = async (): Promise<string> => (await call<{ markdown: string }>("GET", this.at(`/devices/commissioning?lang=${document.documentElement.lang.startsWith("zh") ? "zh" : "en"}`))).markdown;
  renewCertificate = (): Promise<unknown> => call("POST", this.at("/certificates/renew"));

  private at(path: string): string {
    return `/benches/${this.n}${path}`;
  }
}
