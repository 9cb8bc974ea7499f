// What a person chose for this browser: language and theme. Kept in local storage, applied to <html>.
import { ref, watchEffect } from "vue";

export type Lang = "zh-CN" | "en";
export type Theme = "dark" | "light";

function recall<T extends string>(key: string, allowed: readonly T[], fallback: T): T {
  const kept = localStorage.getItem(key) as T | null;
  return kept !== null && allowed.includes(kept) ? kept : fallback;
}

export const lang = ref<Lang>(recall("linelab.lang", ["zh-CN", "en"], "zh-CN"));
export const theme = ref<Theme>(recall("linelab.theme", ["dark", "light"], "dark"));

watchEffect(() => {
  document.documentElement.lang = lang.value;
  localStorage.setItem("linelab.lang", lang.value);
});
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
