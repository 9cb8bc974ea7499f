import assert from "node:assert/strict";
import test from "node:test";
import { type Frame, type Socket, Stream } from "../../../api/web/src/core/stream.ts";

class FakeSocket implements Socket {
  onopen: ((event: Event) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  sent: string[] = [];
  send(data: string): void {
    this.sent.push(data);
  }
  close(): void {}
}

class World {
  sockets: FakeSocket[] = [];
  waits: number[] = [];
  seconds = 0;
  heard: number[] = [];
  stream = new Stream({
    open: () => this.sockets[this.sockets.push(new FakeSocket()) - 1] as FakeSocket,
    now: () => this.seconds,
    later: (ms, what) => {
      this.waits.push(ms);
      if (this.waits.length < 9) what();
    },
    random: () => 0.5,
  });

  constructor() {
    this.stream.subscribe("line:1", (frame) => this.heard.push(frame.seq as number));
  }
  get socket(): FakeSocket {
    return this.sockets[this.sockets.length - 1] as FakeSocket;
  }
  open(): void {
    this.socket.onopen?.({} as Event);
  }
  get(k: string, seq: number): void {
    const frame: Frame = { ch: "line:1", k, seq };
    this.socket.onmessage?.({ data: JSON.stringify(frame) } as MessageEvent);
  }
  drop(code: number): void {
    this.socket.onclose?.({ code } as CloseEvent);
  }
}

test("asks for its channels once it is open", () => {
  const world = new World();
  assert.deepEqual(world.socket.sent, []);
  world.open();
  assert.deepEqual(world.socket.sent, ['{"op":"sub","ch":"line:1"}']);
});

test("takes nothing before a snapshot, then everything in order", () => {
  const world = new World();
  world.open();
  world.get("ev", 3);
  world.get("snap", 4);
  world.get("ev", 5);
  assert.deepEqual(world.heard, [4, 5]);
});

test("a gap asks for a new snapshot and takes nothing until it is there", () => {
  const world = new World();
  world.open();
  world.get("snap", 1);
  world.get("ev", 3);
  world.get("ev", 4);
  assert.deepEqual(world.heard, [1]);
  assert.deepEqual(world.socket.sent.slice(1), ['{"op":"unsub","ch":"line:1"}', '{"op":"sub","ch":"line:1"}']);
  world.get("snap", 4);
  world.get("ev", 5);
  assert.deepEqual(world.heard, [1, 4, 5]);
});

test("reconnects after growing pauses of at most ten seconds", () => {
  const world = new World();
  world.open();
  for (let i = 0; i < 8; i++) world.drop(1006);
  assert.deepEqual(world.waits, [500, 1000, 2000, 4000, 8000, 10000, 10000, 10000]);
  assert.equal(world.stream.state, "lost");
});

test("does not come back when it was told to log in", () => {
  const world = new World();
  world.open();
  world.drop(4401);
  assert.equal(world.stream.state, "denied");
  assert.equal(world.sockets.length, 1);
});

test("silence is late, long silence asks for everything again", () => {
  const world = new World();
  world.open();
  world.get("snap", 1);
  world.seconds = 3;
  world.stream.check();
  assert.equal(world.stream.state, "late");
  world.get("ev", 2);
  assert.equal(world.stream.state, "live");
  world.seconds = 9;
  world.stream.check();
  assert.equal(world.socket.sent.filter((text) => text.includes('"sub"')).length, 2);
});
