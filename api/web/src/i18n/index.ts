// Words of the page in both languages; texts of a line come from the server as {zh, en}.
import type { Text } from "../core/protocol.ts";
import { lang } from "../prefs.ts";
import en from "./en.json";
import zh from "./zh-CN.json";

export type Key = keyof typeof zh;
export type Params = Record<string, unknown>;

const WORDS: Record<string, Record<string, string>> = { "zh-CN": zh, en };

/** The words of a key; `{name}` is filled in from params. Reactive: follows the language. */
export function t(key: Key, params: Params = {}): string {
  const words = WORDS[lang.value]?.[key] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** The words of a key that is made up at run time, or of the fallback where there are none. */
export function lookup(key: string, fallback: Key, params: Params = {}): string {
  return key in zh ? t(key as Key, params) : t(fallback);
}

export function known(key: string): key is Key {
  return key in zh;
}

/** A text of the server in the language of the page. */
export function tx(text: Text | undefined): string {
  return text ? (lang.value === "en" ? text.en : text.zh) : "";
}
