import type { Lambda } from "../../clients/lambda.ts";
import { EXIT, UserError } from "../../errors.ts";
import { say } from "../../output.ts";
import { isOwnerRunning, TAGS } from "./owner.ts";

/** Longest name of a function. */
const LONGEST = 64;

const NAME = /-bench-[0-9a-f]{8}-\d{1,3}$/;

/** The name of a function that is made for measuring: `embed-bench-1a2b3c4d-0`. */
export function benchName(name: string, run: string, place: number): string {
  const end = `-bench-${run}-${place}`;
  return `${name.slice(0, LONGEST - end.length)}${end}`;
}

/** Whether the run of a function's tags is over: its process is gone, or, on another machine, its time. */
function isOver(tags: Readonly<Record<string, string>>): boolean {
  const isRunning = isOwnerRunning(tags[TAGS.owner] ?? "");
  return isRunning === undefined ? Date.parse(tags[TAGS.until] ?? "") < Date.now() : !isRunning;
}

/**
 * Removes functions that runs have left behind which were killed: known by their tags, so from any machine. Those of a run
 * that is going on stay. Without the permission to list functions it says so and goes on.
 */
export async function sweepFunctions(lambda: Lambda): Promise<void> {
  try {
    for await (const { FunctionName: name = "" } of lambda.listFunctions()) {
      if (!NAME.test(name)) continue;
      const found = await lambda.findFunction(name);
      if (!found?.tags[TAGS.run] || !isOver(found.tags)) continue;
      await lambda.deleteFunction(name);
      say(`removed ${name}, which a killed run had left`);
    }
  } catch (error) {
    if (!(error instanceof UserError) || !/^AWS denies /.test(error.message)) throw error;
    if (error.exitCode !== EXIT.environment) throw error;
    say(`note: functions of killed runs are not looked for: ${error.message}`);
  }
}
