import assert from "node:assert/strict";
import test from "node:test";
import { PlayoutClock } from "../../../api/web/src/core/clock.ts";

const clk = (mono: number, sim: number, rate = 1): { sim: number; mono: number; rate: number } => ({ sim, mono, rate });

test("shows the line a playout delay in the past", () => {
  const clock = new PlayoutClock();
  clock.receive(1000, clk(50, 7));
  assert.ok(Math.abs(clock.sim(1001) - (7 + 1 - 0.12)) < 1e-9);
});

test("the least delayed frame decides, and one late frame moves nothing", () => {
  const clock = new PlayoutClock();
  clock.receive(1000, clk(50, 0));
  clock.receive(1001.4, clk(51, 1));
  assert.ok(Math.abs(clock.sim(1002) - (2 - 0.12)) < 0.003);
});

test("a frozen line stands at the instant of the freeze, and not before it was shown", () => {
  const clock = new PlayoutClock();
  clock.receive(1000, clk(50, 0));
  clock.receive(1001, clk(51, 1, 0));
  assert.ok(clock.sim(1001.05) < 1);
  assert.equal(clock.sim(1005), 1);
  assert.equal(clock.rate, 0);
});

test("a page that ran ahead of a freeze comes back to where the line stands", () => {
  const clock = new PlayoutClock();
  clock.receive(1000, clk(50, 0));
  assert.ok(clock.sim(1002) > 1.8);
  clock.receive(1002, clk(51, 1, 0));
  assert.equal(clock.sim(1002.1), 1);
});

test("another speed takes effect from its own frame on", () => {
  const clock = new PlayoutClock();
  clock.receive(1000, clk(50, 0));
  clock.receive(1001, clk(51, 1, 10));
  assert.ok(Math.abs(clock.sim(1001.62) - 6) < 1e-6);
});

test("never goes back, except after a snapshot of another run", () => {
  const clock = new PlayoutClock();
  clock.receive(1000, clk(50, 100));
  const shown = clock.sim(1002);
  clock.receive(1002, clk(52, 90));
  assert.ok(clock.sim(1002.5) >= shown);
  clock.reset();
  clock.receive(1003, clk(53, 0));
  assert.ok(clock.sim(1003.5) < 1);
});

test("a slow browser gets more delay, half a second at most", () => {
  const clock = new PlayoutClock();
  for (let i = 0; i < 1000; i++) clock.frame(400);
  assert.equal(Math.round(clock.delay * 1000), 500);
});
