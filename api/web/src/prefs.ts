// What a person chose for this browser: language and theme. Kept in local storage, applied to <html>.
import { ref, watch, watchEffect } from "vue";

export type Lang = "zh-CN" | "en";
export type Theme = "dark" | "light";

function recall<T extends string>(key: string, allowed: readonly T[], fallback: T): T {
  const kept = localStorage.getItem(key) as T | null;
  return kept !== null && allowed.includes(kept) ? kept : fallback;
}

/** The first language of the browser: Chinese, or English for everybody else. */
function spoken(): Lang {
  return (navigator.languages?.[0] ?? navigator.language ?? "").toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

export const lang = ref<Lang>(recall("linelab.lang", ["zh-CN", "en"], spoken()));
export const theme = ref<Theme>(recall("linelab.theme", ["dark", "light"], "dark"));

watchEffect(() => (document.documentElement.lang = lang.value));
watch(lang, (chosen) => localStorage.setItem("linelab.lang", chosen)); // only what was chosen
watchEffect(() => {
  document.documentElement.dataset["theme"] = theme.value;
  localStorage.setItem("linelab.theme", theme.value);
});

export function switchLang(): void {
  lang.value = lang.value === "en" ? "zh-CN" : "en";
}

export function switchTheme(): void {
  theme.value = theme.value === "dark" ? "light" : "dark";
}
