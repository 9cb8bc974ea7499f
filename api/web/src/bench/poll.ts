// Asks for something again and again while a view is open and seen; the last good answer stays when one fails.
import { type Ref, type ShallowRef, onBeforeUnmount, onMounted, ref, shallowRef } from "vue";
import { Problem } from "../api.ts";

export interface Poll<T> {
  data: ShallowRef<T | null>;
  /** Why the last answer did not come, in words; empty if it did. */
  failed: Ref<string>;
  now: () => Promise<void>;
}

/** Ask now and every `ms`. */
export function usePoll<T>(ms: number, ask: () => Promise<T>): Poll<T> {
  const data: ShallowRef<T | null> = shallowRef(null);
  const failed = ref("");
  let timer = 0;
  let asked = 0;
  async function now(): Promise<void> {
    const mine = ++asked;
    try {
      const answer = await ask();
      if (mine !== asked) return; // a newer question is under way
      data.value = answer;
      failed.value = "";
    } catch (problem) {
      if (mine === asked) failed.value = problem instanceof Problem ? problem.why : String(problem);
    }
  }
  onMounted(() => {
    void now();
    timer = window.setInterval(() => document.hidden || void now(), ms);
  });
  onBeforeUnmount(() => clearInterval(timer));
  return { data, failed, now };
}
