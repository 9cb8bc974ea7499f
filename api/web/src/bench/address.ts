// Where a tag is on each wire, in words.
import type { Tag } from "../api.ts";
import { lookup } from "../i18n/index.ts";

export function modbusWords(tag: Tag): string {
  const place = tag.address.modbus;
  return place ? `${lookup(`table.${place.table}`, "address.modbus")} ${place.address}` : "—";
}

/** The address with what a reader must know to make a number of registers: scale, and where the 32-bit form is. */
export function modbusDetail(tag: Tag): string {
  const place = tag.address.modbus;
  if (!place) return "—";
  const scale = place.scale && place.scale !== 1 ? ` × ${place.scale}` : "";
  const long = typeof place.address_32 === "number" ? ` · 32 bit: ${place.address_32} ${place.word_order ?? ""}` : "";
  return `${modbusWords(tag)}${scale}${long}`;
}
