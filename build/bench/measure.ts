import type Docker from "dockerode";
import { z } from "zod";
import { exec, waitForEnd } from "../clients/container.ts";
import { UserError } from "../errors.ts";
import { type Sandboxed, withSandbox } from "../smoke/sandbox.ts";
import { PROGRAM } from "./program.ts";
import type { Result } from "./results.ts";

/** What is measured of a cell in one round. */
export interface Round {
  readonly event: string;
  /** MB. */
  readonly memory: number;
  /** New processes, each to the end of its first answer. */
  readonly cold: number;
  /** Calls of a process that has answered the warm-up's. */
  readonly warm: number;
}

const steps = z.object({ node: z.number(), session: z.number(), tokenizer: z.number() }).partial();

const measuredSchema = z.object({
  // A handler may log what it likes: steps that are none are not known.
  starts: z.array(z.object({ milliseconds: z.number(), steps: steps.catch({}) })),
  calls: z.array(z.number()),
  peakMB: z.number(),
  answer: z.string().optional(),
});

/** What one round has measured. */
export interface Measured {
  readonly starts: readonly {
    /** To the end of the first answer. */
    readonly milliseconds: number;
    readonly steps: NonNullable<Result["cold"]>["steps"];
    /** Milliseconds that Lambda bills. */
    readonly billed?: number | undefined;
  }[];
  /** Milliseconds of each call. */
  readonly calls: readonly number[];
  readonly peakMB: number;
  /** What the first event was answered with; nobody asks Lambda. */
  readonly answer?: string | undefined;
  /** Milliseconds that the engine took to start the container; nobody knows them of Lambda. */
  readonly container?: number;
}

/** Calls of a process after which Node has compiled what an answer runs, and that do not count. */
export const WARM_UP = 10;

/** What is started in an image. */
export interface Program {
  /** Program and arguments, in place of the function's own. */
  readonly command?: readonly string[];
  /** Further variables of the program. */
  readonly env?: Readonly<Record<string, string>>;
}

interface MeasureOptions extends Program {
  readonly docker: Docker;
  readonly signal: AbortSignal;
}

/** How long a container may take to end after the program in it, in milliseconds. */
const END_PATIENCE = 1000;

/** Why a program was killed; undefined for one that has ended itself. A container that something else has removed is gone. */
async function endOf(
  container: Docker.Container,
  exitCode: number,
  memory: number,
): Promise<string | undefined> {
  await waitForEnd(container, END_PATIENCE);
  const state = await container.inspect().then(
    ({ State }) => State,
    () => undefined,
  );
  const isRunning = state?.Running ?? false;
  if (state?.OOMKilled || (isRunning && exitCode === 137)) return `it ran out of memory, with ${memory} MB`;
  return isRunning ? undefined : "something else has stopped its container";
}

const ENTRY = ["/lambda-entrypoint.sh"];
const NODE = "/usr/local/bin/node";

/**
 * Measures one round of a cell in a new container with Lambda's limits.
 * @throws UserError (exit 1) with what the program said when it ends or answers with an error
 */
export async function measureRound(
  image: Sandboxed,
  { event, memory, cold, warm }: Round,
  { docker, signal, command = ENTRY, env = {} }: MeasureOptions,
): Promise<Measured> {
  const begun = performance.now();
  return withSandbox(docker, { ...image, memory }, { signal }, async ({ container }) => {
    const started = performance.now() - begun;
    const task = { command, env, event, cold, warmUp: WARM_UP, warm };
    const { stdout, stderr, exitCode } = await exec(
      container,
      [NODE, "--eval", PROGRAM],
      JSON.stringify(task),
    );
    signal.throwIfAborted();
    if (exitCode !== 0) {
      const why = (await endOf(container, exitCode, memory)) ?? stderr.slice(-500);
      throw new UserError(`${image.reference} cannot be measured: ${why}`, { reason: "check" });
    }
    const found: unknown = JSON.parse(stdout);
    const { data: failed } = z.object({ fault: z.string() }).safeParse(found);
    if (failed)
      throw new UserError(`${image.reference} cannot be measured: ${failed.fault}`, { reason: "check" });
    return { ...measuredSchema.parse(found), container: started };
  });
}
