import type Docker from "dockerode";
import type { Row } from "../display/row.ts";
import { currentImage } from "../engine/stored-image.ts";
import { EXIT, UserError } from "../errors.ts";
import { say } from "../output.ts";
import { commandFor } from "../plan/build-command.ts";
import type { Image } from "../plan/image.ts";
import type { Variant } from "../plan/variant.ts";
import type { AbiReport } from "./abi/abi.ts";
import { type BeyondReplies, checkBeyondReplies } from "./beyond-replies.ts";
import { testCasesOf } from "./cases.ts";
import { shownLog } from "./function-error.ts";
import { ownHelper } from "./helper.ts";
import { requireKept } from "./kept-rules.ts";
import { checkLifecycle, type Lifecycle, lifecycleNotes } from "./lifecycle.ts";
import { questionsOf } from "./lifecycle-run.ts";
import { LONGEST_INIT } from "./limits.ts";
import type { RuleResult } from "./rules/rules.ts";
import { type FunctionOptions, isEmulated, type Sandbox, withSandbox } from "./sandbox.ts";
import { checkHandler, WITHOUT_HANDLER } from "./user-handler.ts";

/** What was found of an image that answers as its models' specs ask. */
export interface SmokeResult extends Image, BeyondReplies {
  /** Its id in the engine's store: the digest of what was tested. */
  readonly id: string;
  readonly emulated: boolean;
  /** First answer of a new container with init, in milliseconds; under emulation it says nothing about speed. */
  readonly firstMs: number;
  /** Answer of the warm function, in milliseconds. */
  readonly warmMs: number;
  /** Largest difference from an expected number, over all samples that have one. */
  readonly largestDifference: number;
  /** Of the thorough test, and not of an emulated image. */
  readonly lifecycle?: Lifecycle;
  readonly abi: AbiReport;
  /** What becomes of each rule for images. */
  readonly rules: readonly RuleResult[];
}

/** What gives answers to events: a sandbox, or a function in Lambda. */
export type Invoker = Pick<Sandbox, "invoke">;

export interface Checked {
  readonly firstMs: number;
  readonly warmMs: number;
  readonly largest: number;
}

/** Sends a model's samples, and the first one again for the warm time; `name` as a request has it. */
async function checkModel(sandbox: Invoker, variant: Variant, name?: string): Promise<Checked> {
  const questions = await testCasesOf(variant);
  const sent = [...questions, ...questions.slice(0, 1)];
  const replies = await sandbox.invoke(sent.map(({ event }) => JSON.stringify({ ...event, model: name })));
  const differences = replies.map(({ body }, index) => sent[index]?.check(body) ?? 0);
  return {
    firstMs: replies[0]?.milliseconds ?? 0,
    warmMs: replies.at(-1)?.milliseconds ?? 0,
    largest: Math.max(...differences),
  };
}

/** Every model of the image, the default one without its name; times are the default one's. */
export async function checkModels(sandbox: Invoker, { models }: Image): Promise<Checked> {
  const [model, ...others] = models;
  const first = await checkModel(sandbox, model);
  const differences = [first.largest];
  for (const other of others) differences.push((await checkModel(sandbox, other, other.name)).largest);
  return { ...first, largest: Math.max(...differences) };
}

const NOT_LOOKED: BeyondReplies = { peakMemoryMB: undefined, leftProcesses: [] };

export interface SmokeOptions extends FunctionOptions {
  readonly docker: Docker;
  readonly signal: AbortSignal;
  /** Also tests that take longer: many calls, an event of the largest size, and what the emulator does not have (lifecycle.ts). */
  readonly thorough?: boolean | undefined;
  /** Words that `mkimage test` needs to test it in the same way, beside those of the image. */
  readonly again?: readonly string[];
}

/**
 * Runs a built image under the runtime interface emulator with Lambda's limits and compares its answers with the
 * model's spec, after the rules of build/smoke/rules, of which nothing is run. An image with a handler of its own runs twice: without it, for
 * the model's numbers, and with it. Containers are always removed.
 * @throws UserError (exit 1) with what is wrong, the time, the function's log, and the command that shows it again.
 */
export async function smokeTest(image: Image, options: SmokeOptions): Promise<SmokeResult> {
  const stored = await currentImage(options.docker, image);
  try {
    const { abi, rules } = await requireKept(options.docker, image, stored);
    return { ...image, ...(await checkAnswers(image, stored.id, options)), abi, rules };
  } catch (error) {
    if (error instanceof UserError && error.exitCode === EXIT.check)
      error.addHint(`Again: ${commandFor(image, "test", options.again)}`);
    throw error;
  }
}

type Answers = Omit<SmokeResult, keyof Image | "abi" | "rules">;

/**
 * The part of the smoke test that runs the image.
 * @param id its id in the engine's store
 * @throws UserError (exit 1) with what is wrong, the time and the function's log
 */
export async function checkAnswers(
  image: Image,
  id: string,
  { docker, signal, network, env: given = [], thorough = false }: SmokeOptions,
): Promise<Answers> {
  const emulated = await isEmulated(docker, image);
  const helper = await ownHelper(image, id, { docker, signal });
  const start = performance.now();
  const run = <T>(
    env: readonly string[],
    check: (sandbox: Sandbox, image: Image) => Promise<T>,
  ): Promise<T> =>
    // By its id: another build may move the reference meanwhile.
    withSandbox(
      docker,
      { ...image, reference: id },
      { signal, network, helper, env: [...env, ...given] },
      async (sandbox) => {
        try {
          return await check(sandbox, image);
        } catch (error) {
          signal.throwIfAborted();
          if (!(error instanceof UserError) || error.hint) throw error;
          const seconds = ((performance.now() - start) / 1000).toFixed(1);
          const hint = `After ${seconds} s${emulated ? ", emulated" : ""}. Its log:\n${shownLog(await sandbox.logs())}`;
          throw new UserError(`${image.reference}: ${error.message}`, {
            reason: "check",
            hint,
            cause: error,
          });
        }
      },
    );
  const check = async (sandbox: Sandbox) => ({
    ...(await checkModels(sandbox, image)),
    // Of an emulated one the emulator's memory would be measured.
    ...(emulated ? NOT_LOOKED : await checkBeyondReplies(sandbox, image, { thorough })),
  });
  const { largest, ...found } = await run(image.handler ? WITHOUT_HANDLER : [], check);
  const handled = image.handler ? await run([], checkHandler) : {};
  const looked =
    thorough && !emulated
      ? {
          lifecycle: await checkLifecycle({ ...image, reference: id }, await questionsOf(image), {
            docker,
            signal,
            env: given,
            network,
            strict: true,
          }),
        }
      : {};
  return { id, emulated, ...found, largestDifference: largest, ...handled, ...looked };
}

/** Shows that an image has passed, and says what of it was not compared with anything. */
export function showPassed(
  row: Row,
  { emulated, firstMs, handler, leftProcesses, lifecycle, reference }: SmokeResult,
): void {
  row.done(emulated ? "passed, emulated" : `passed, ${Math.round(firstMs)} ms`);
  if (!emulated && firstMs > LONGEST_INIT * 1000)
    say(
      `note: ${reference}: the first answer took ${Math.round(firstMs / 1000)} s: Lambda ends an init after ${LONGEST_INIT} s and runs it again`,
    );
  for (const command of leftProcesses) say(`note: ${reference} leaves a process running: ${command}`);
  for (const note of lifecycleNotes(lifecycle)) say(`note: ${reference} ${note}`);
  if (handler) say(`note: ${reference}: ${handler.file} answers (replies not compared)`);
}
