import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { duration, parseValue, tagValue } from "../../../api/web/src/core/format.ts";
import { canJog, stateLook } from "../../../api/web/src/core/packml.ts";

const words = (lang: string): Record<string, string> =>
  JSON.parse(readFileSync(join(process.cwd(), "src", "i18n", `${lang}.json`), "utf8"));
const holes = (text: string): string => (text.match(/\{\w+\}/g) ?? []).sort().join();

test("both languages have the same keys with the same placeholders", () => {
  const [zh, en] = [words("zh-CN"), words("en")];
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
  for (const key of Object.keys(zh)) assert.equal(holes(zh[key] as string), holes(en[key] as string), key);
});

test("every PackML state has a word", () => {
  const zh = words("zh-CN");
  for (let n = 1; n <= 17; n++) assert.ok(`state.${stateLook(n).key}` in zh, String(n));
  assert.equal(stateLook(undefined).key, "unknown");
});

test("only abnormal states are coloured", () => {
  const coloured = Array.from({ length: 17 }, (_, i) => i + 1).filter((n) => stateLook(n).mood !== "normal");
  assert.deepEqual(coloured, [8, 9, 11]);
  assert.deepEqual([2, 4, 6, 9, 11].filter(canJog), [2, 4, 9, 11]);
});

test("values have the decimals of their tag", () => {
  assert.equal(tagValue({ type: "REAL", decimals: 2 }, 1.005e1), "10.05");
  assert.equal(tagValue({ type: "BOOL", decimals: 0 }, true), "1");
  assert.equal(tagValue({ type: "UDINT", decimals: 0 }, 1234567), "1234567");
  assert.equal(tagValue({ type: "INT", decimals: 0 }, undefined), "—");
});

test("what was typed becomes a value of the tag's type or nothing", () => {
  assert.equal(parseValue("BOOL", "1"), true);
  assert.equal(parseValue("BOOL", "2"), undefined);
  assert.equal(parseValue("INT", " 12 "), 12);
  assert.equal(parseValue("INT", "1.5"), undefined);
  assert.equal(parseValue("REAL", "1.5"), 1.5);
  assert.equal(parseValue("REAL", ""), undefined);
  assert.equal(parseValue("REAL", "Infinity"), undefined);
});

test("durations", () => {
  assert.equal(duration(3753.9), "1:02:33");
  assert.equal(duration(-1), "0:00:00");
});
