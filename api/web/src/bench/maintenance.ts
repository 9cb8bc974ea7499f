// Words for maintenance by its codes.
import type { Maintenance } from "../api.ts";
import { tx } from "../i18n/index.ts";

/** What an operation is called on a thing of its sort, its code where the page does not know it. */
export function workWords(all: Maintenance, target: string, operation: string): string {
  const sort = all.targets.find((one) => one.name === target)?.category;
  const works = all.categories.find((one) => one.name === sort)?.operations;
  return tx(works?.find((one) => one.operation === operation)?.title) || operation;
}
