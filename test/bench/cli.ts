/**
 * What a command costs before it does anything: `make bench-cli`, or `node test/bench/cli.ts [--check] [--json]`. The
 * compiled tool against `node -e 0`, by turns; the least of each, which is what it takes without the machine's other work.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { type Figure, report } from "./figure.ts";

const ROUNDS = 15;
const CLI = join(TOOL_ROOT, "dist/build/cli.js");

/** Command lines with the largest ratio that meets the goal. */
const COMMANDS: readonly (readonly [line: string, goal: number])[] = [
  ["--version", 3],
  ["--help", 3],
  ["build --help", 12],
  ["push --help", 20],
  ["models list --help", 12],
];

function milliseconds(args: readonly string[]): number {
  const start = performance.now();
  execFileSync(process.execPath, args, { stdio: "ignore" });
  return performance.now() - start;
}

const least = new Map<string, number>();
const note = (name: string, args: readonly string[]) =>
  least.set(name, Math.min(least.get(name) ?? Infinity, milliseconds(args)));

for (let round = 0; round < ROUNDS; round++) {
  note("node", ["-e", "0"]);
  for (const [line] of COMMANDS) note(line, [CLI, ...line.split(" ")]);
}
report(
  COMMANDS.map(
    ([line, goal]): Figure => ({
      name: `mkimage ${line}`,
      against: "node -e 0",
      ours: least.get(line) as number,
      theirs: least.get("node") as number,
      unit: "ms",
      goal,
    }),
  ),
);
