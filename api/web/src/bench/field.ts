// Reading tags by name so that a template follows them.
import type { Value } from "../core/protocol.ts";
import { useBench } from "./live.ts";

/** The field value of a tag; a template that calls it is drawn again when values arrive. */
export function useField(): (name: string) => Value | undefined {
  const bench = useBench();
  return (name) => {
    void bench.values.value; // what makes it reactive
    return bench.field(name);
  };
}
