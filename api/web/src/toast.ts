// Short messages at the edge of the page: refusals and confirmations, in words, for six seconds.
import { ref } from "vue";
import { sentence } from "./api.ts";

export interface Toast {
  id: number;
  text: string;
  mood: "refused" | "done";
}

const SHOWN_MS = 6000;
let count = 0;

export const toasts = ref<Toast[]>([]);

export function say(text: string, mood: Toast["mood"] = "done"): void {
  const id = ++count;
  toasts.value = [...toasts.value.slice(-3), { id, text, mood }];
  setTimeout(() => drop(id), SHOWN_MS);
}

export function drop(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Do something that may be refused; a refusal becomes a toast. True if it was done. */
export async function attempt(what: string, action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (problem) {
    say(sentence(what, problem), "refused");
    return false;
  }
}
