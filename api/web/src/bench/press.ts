// Presses of buttons, one after the other: a release never overtakes its press, and a press lasts until a PLC saw it.
import { attempt } from "../toast.ts";
import { useBench } from "./live.ts";

const HOLD_MS = 250; // a PLC that scans every 100 ms sees even the shortest click

/** Gives a function that presses, releases or turns an element of a station; `title` names it if that is refused. */
export function usePresses(): (title: string, station: string, element: string, to: boolean | number, held: boolean) => void {
  const bench = useBench();
  let queue: Promise<unknown> = Promise.resolve();
  let pressedAt = 0;
  return (title, station, element, to, held) => {
    queue = queue.then(async () => {
      const rest = held && to === false ? pressedAt + HOLD_MS - performance.now() : 0;
      if (rest > 0) await new Promise((done) => setTimeout(done, rest));
      await attempt(title, () => bench.api.panel(station, element, to));
      if (to === true) pressedAt = performance.now();
    });
  };
}
