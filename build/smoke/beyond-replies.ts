import { z } from "zod";
import { exec } from "../clients/container.ts";
import { UserError } from "../errors.ts";
import type { Image } from "../plan/image.ts";
import { testCasesOf } from "./cases.ts";
import { LONGEST_EVENT } from "./limits.ts";
import type { Sandbox } from "./sandbox.ts";

/** Lists the container's processes but the first one, which is the emulator, and itself. */
const PROCESSES = `
const { readdirSync, readFileSync } = require("node:fs");
const read = (pid) => {
  try {
    const status = readFileSync("/proc/" + pid + "/status", "utf8");
    const mb = (name) => Number((new RegExp("^" + name + ":\\\\s+(\\\\d+)", "m").exec(status) || [])[1]) / 1024;
    const command = readFileSync("/proc/" + pid + "/cmdline", "utf8").split("\\0").join(" ").trim();
    return mb("VmHWM") > 0 ? [{ command, peak: mb("VmHWM"), resident: mb("VmRSS") }] : [];
  } catch { return []; }
};
const pids = readdirSync("/proc").filter((name) => Number(name) > 1 && Number(name) !== process.pid);
process.stdout.write(JSON.stringify(pids.flatMap(read)));`;

const processes = z.array(z.object({ command: z.string(), peak: z.number(), resident: z.number() }));

/** The function's processes, the largest first; none where the image has no Node to look with. */
async function processesOf({ container, caller }: Sandbox) {
  if (container !== caller) return [];
  const { exitCode, stdout } = await exec(container, ["/usr/local/bin/node", "--eval", PROCESSES], "");
  const found = exitCode === 0 ? processes.parse(JSON.parse(stdout)) : [];
  return found.sort((a, b) => b.peak - a.peak);
}

/** What a function does beside its replies. */
export interface BeyondReplies {
  /** Largest resident size of the function's process in MB; undefined where nobody can look. */
  readonly peakMemoryMB: number | undefined;
  /** Command lines of processes that it has left running. */
  readonly leftProcesses: readonly string[];
}

/** What no task takes. */
const WRONG_EVENT = '{"inputs":{"no":"such input"}}';

/** Calls of the thorough test, and how much larger the process may be after them, in MB and in parts. */
const CALLS = 100;
const SETTLED = 20;
const GROWTH = { megabytes: 16, part: 0.1 };

/** @throws UserError (exit 1) when the process is larger after many calls than after some */
async function requireNoGrowth(sandbox: Sandbox, event: string): Promise<void> {
  const size = async (calls: number): Promise<number> => {
    await sandbox.invoke(Array.from({ length: calls }, () => event));
    return (await processesOf(sandbox))[0]?.resident ?? 0;
  };
  const before = await size(SETTLED);
  const after = await size(CALLS);
  const allowed = Math.max(GROWTH.megabytes, before * GROWTH.part);
  if (after - before <= allowed) return;
  throw new UserError(
    `The function's memory grew from ${Math.round(before)} to ${Math.round(after)} MB in ${CALLS} equal calls`,
    {
      reason: "check",
      hint: "Something keeps what it should let go: a list, a cache without a limit, a stream that is not closed.",
    },
  );
}

export interface BeyondOptions {
  /** Also many calls, and an event of the largest size. */
  readonly thorough: boolean;
}

/**
 * Looks at what a function does beside its replies: that it answers after an error, how much memory it took, and which
 * processes it leaves.
 * @throws UserError (exit 1) when it does not answer as before, or its memory grows
 */
export async function checkBeyondReplies(
  sandbox: Sandbox,
  { models: [model] }: Image,
  { thorough }: BeyondOptions,
): Promise<BeyondReplies> {
  const [testCase] = await testCasesOf(model);
  const event = JSON.stringify(testCase?.event);
  const again = async (before: string, what: string) => {
    const [, reply] = await sandbox.invoke([before, event]);
    try {
      testCase?.check(reply?.body ?? "");
    } catch (cause) {
      throw new UserError(`After ${what}: ${(cause as Error).message}`, { reason: "check", cause });
    }
  };
  await again(WRONG_EVENT, "an event that it cannot take");
  if (thorough) {
    const text = "a ".repeat((LONGEST_EVENT - 20) / 2);
    await again(JSON.stringify({ inputs: text }), "an event of 6 MB");
    await requireNoGrowth(sandbox, event);
  }
  const [program, ...others] = await processesOf(sandbox);
  return {
    peakMemoryMB: program && Math.round(program.peak),
    leftProcesses: others.map(({ command }) => command),
  };
}
