import { shortened } from "./function-error.ts";

/** Characters of what a function writes that are shown: of a line, and of all. */
const LINE = 2000;
const ALL = 12_000;

/** Passes on what a function writes, a line at a time, in short: it may write without end. */
export function shortConsole(log: (line: string) => void): (line: string) => void {
  let left = ALL;
  return (line) => {
    if (left <= 0) return;
    const text = shortened(line, LINE);
    left -= text.length + 1;
    log(left > 0 ? text : `${text}\n… what it writes from here on is not shown`);
  };
}
