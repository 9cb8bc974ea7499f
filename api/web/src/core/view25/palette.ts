// Colours of the line view in both themes. Equipment is grey; colour is on parts (data), lamps and abnormal states.
import type { Text } from "../protocol.ts";

export interface Palette {
  background: string;
  floor: string;
  grid: string;
  plate: string;
  groove: string;
  metal: string;
  bright: string;
  dark: string;
  rubber: string;
  slat: string;
  glass: string;
  shadow: string;
  edge: string;
  ink: string;
  dim: string;
  accent: string;
  lit: string;
  unlit: string;
  beam: string;
  mark: string;
  /** Liquid, still and flowing; a marked stretch of floor or belt. */
  liquid: string;
  flow: string;
  mat: string;
  /** Figures on a screen. */
  screen: string;
}

export const PALETTES: Record<"dark" | "light", Palette> = {
  dark: {
    background: "#1b2023",
    floor: "#21272b",
    grid: "#282f34",
    plate: "#3a4248",
    groove: "#2f363b",
    metal: "#7b868e",
    bright: "#a3adb5",
    dark: "#4a535a",
    rubber: "#1d2124",
    slat: "#343c42",
    glass: "rgba(160,186,204,0.13)",
    shadow: "rgba(8,10,12,0.34)",
    edge: "rgba(255,255,255,0.14)",
    ink: "#d5dade",
    dim: "#9aa4ac",
    accent: "#7fb2d9",
    lit: "#f4f7f9",
    unlit: "#14181b",
    beam: "rgba(213,218,222,0.30)",
    mark: "#14181b",
    liquid: "#3f6f93",
    flow: "#6fa6cf",
    mat: "rgba(127,178,217,0.22)",
    screen: "#e7eef3",
  },
  light: {
    background: "#d6dadd",
    floor: "#dfe3e6",
    grid: "#cfd4d8",
    plate: "#b9c1c7",
    groove: "#a7b0b7",
    metal: "#8b959c",
    bright: "#aab3ba",
    dark: "#6a747b",
    rubber: "#3b4248",
    slat: "#565f66",
    glass: "rgba(90,120,142,0.16)",
    shadow: "rgba(40,50,58,0.20)",
    edge: "rgba(255,255,255,0.35)",
    ink: "#1d2327",
    dim: "#4a545c",
    accent: "#1f5f8f",
    lit: "#ffffff",
    unlit: "#2a3136",
    beam: "rgba(29,35,39,0.35)",
    mark: "#14181b",
    liquid: "#5f93b8",
    flow: "#2f78ad",
    mat: "rgba(31,95,143,0.20)",
    screen: "#e7eef3",
  },
};

export const LAMP = { red: "#d93a34", yellow: "#f2c200", green: "#4fae6a", blue: "#4f8fd0", white: "#f4f7f9" };
export type LampColour = keyof typeof LAMP;

const BY_NAME: Record<string, string> = {
  white: "#dfe3e6",
  silver: "#b9c2c9",
  red: "#b9605a",
  blue: "#5a87b4",
  black: "#3d444a",
  green: "#6f9a75",
  yellow: "#cfb04e",
  orange: "#c98b4a",
  metal: "#a9b3bb",
  grey: "#8f9aa3",
  gray: "#8f9aa3",
  brown: "#8f6a4a",
  purple: "#8d76ad",
  water: "#5a87b4",
};
const BY_NUMBER = ["#dfe3e6", "#b9605a", "#5a87b4", "#cfb04e", "#6f9a75", "#8d76ad"];

/** The paint of a part: by the English name of its colour where that is a known one. Colours count from 1. */
export function partColour(colours: Text[], number: number): string {
  const name = colours[number - 1]?.en.toLowerCase() ?? "";
  const known = Object.keys(BY_NAME).find((word) => name.includes(word));
  return (known && BY_NAME[known]) || (BY_NUMBER[(number - 1 + BY_NUMBER.length) % BY_NUMBER.length] as string);
}

const memo = new Map<string, string>();

/** `#rrggbb` made lighter (over 1) or darker. */
export function shade(colour: string, factor: number): string {
  const key = `${colour}${factor.toFixed(3)}`;
  let made = memo.get(key);
  if (made === undefined) {
    const channel = (i: number): string =>
      Math.round(Math.min(255, parseInt(colour.slice(i, i + 2), 16) * factor))
        .toString(16)
        .padStart(2, "0");
    made = `#${channel(1)}${channel(3)}${channel(5)}`;
    memo.set(key, made);
  }
  return made;
}
