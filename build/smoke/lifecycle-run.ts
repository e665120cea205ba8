import type Docker from "dockerode";
import { ensureCaller } from "../engine/caller-image.ts";
import { UserError } from "../errors.ts";
import type { Image } from "../plan/image.ts";
import { testCasesOf } from "./cases.ts";
import { functionError, shownLog } from "./function-error.ts";
import { isRandomCall } from "./random-watch.ts";
import type { ApiPlan, RuntimeLine } from "./runtime-api.ts";
import { type FunctionOptions, type Sandboxed, sandboxSettings } from "./sandbox.ts";
import { type Driven, notAnswered, withStandIn } from "./stand-in.ts";
import { eventsOf, replyFault } from "./user-handler.ts";

/** What runs without the emulator. */
export interface Subject extends Sandboxed {
  /** What it starts in place of the image's own entry point and command: one that names the emulator would start that. */
  readonly program?:
    | { readonly entrypoint: readonly string[]; readonly command: readonly string[] }
    | undefined;
}

export interface LifecycleOptions extends FunctionOptions {
  readonly docker: Docker;
  readonly signal: AbortSignal;
}

/** An event, and what is wrong with the answer to it. */
export interface Question {
  readonly event: string;
  /** @throws UserError (exit 1) with what is wrong */
  check(body: string): void;
}

/** An event whose answer nobody can judge: it must not be an error. */
export const answerable = (event: string): Question => ({
  event,
  check(body) {
    const fault = replyFault(body);
    if (fault) throw notAnswered(fault);
  },
});

/** The samples of the default model; of an image with a handler, whose answers nobody can judge, what is sent to it. */
export async function questionsOf(image: Image): Promise<Question[]> {
  if (!image.handler) {
    const cases = await testCasesOf(image.models[0]);
    return cases.map((each) => ({ event: JSON.stringify(each.event), check: each.check }));
  }
  return (await eventsOf(image)).map((event) => answerable(JSON.stringify(event)));
}

/** One run of the function. */
export interface Run extends Pick<ApiPlan, "atOnce"> {
  readonly env: readonly string[];
  readonly change?: (settings: Docker.ContainerCreateOptions) => Docker.ContainerCreateOptions;
  /** How many events are sent. */
  readonly events: number;
  /** How errors name it. */
  readonly title: string;
  /** Takes the lines of `watchedRandom`. */
  readonly randomCalls?: string[];
}

interface Answered {
  /** Events that were in work at one time. */
  readonly most: number;
  /** What it was connected to at the restore, and when that was; undefined when it did not call. */
  readonly restored: { readonly connections: readonly string[]; readonly at: number } | undefined;
}

/** Reads until every event is answered as it should be, and the function waits for a further one. */
async function answers(lines: AsyncIterable<RuntimeLine>, questions: readonly Question[]): Promise<Answered> {
  const bodies = questions.map(() => [] as Buffer[]);
  let [inWork, most] = [0, 0];
  let restored: Answered["restored"];
  for await (const line of lines) {
    if ("restored" in line) restored = { connections: line.restored, at: line.at };
    if ("given" in line) most = Math.max(most, ++inWork);
    if ("error" in line) throw notAnswered(functionError(line.error) ?? line.error);
    if ("piece" in line) bodies[line.index]?.push(line.piece);
    if ("milliseconds" in line) {
      inWork--;
      questions[line.index]?.check(Buffer.concat(bodies[line.index] ?? []).toString());
    }
    if ("waits" in line) return { most, restored };
  }
  throw notAnswered("the Runtime API ended");
}

/** Lines of a function's log that are kept for an error. */
const LINES = 200;

export type Ran = Answered & Driven;

/** Runs a function and has it answer; what `use` is given has answered, and waits for a further event. */
export type Runner = <T>(run: Run, use: (ran: Ran) => Promise<T>) => Promise<T>;

/**
 * How a function is run without the emulator.
 * @returns what throws a UserError (exit 1) with what is wrong with an answer, and the function's log
 */
export async function lifecycleRunner(
  { program, ...subject }: Subject,
  questions: readonly Question[],
  { docker, signal, env: given = [], network }: LifecycleOptions,
): Promise<Runner> {
  const caller = await ensureCaller(docker, signal);
  const started = program && { Entrypoint: [...program.entrypoint], Cmd: [...program.command] };
  return async ({ env, change = (same) => same, events, title, atOnce, randomCalls = [] }, use) => {
    const { settings, timeout } = await sandboxSettings(docker, subject, {
      env: [...given, ...env],
      network,
    });
    const asked = Array.from(
      { length: events },
      (_, index) => questions[index % questions.length] as Question,
    );
    const said: string[] = [];
    const options = {
      caller,
      signal,
      log(line: string) {
        if (isRandomCall(line)) randomCalls.push(line);
        else if (said.push(line) > LINES) said.shift();
      },
      events: asked.map(({ event }) => event),
      seconds: timeout,
      atOnce,
    };
    try {
      return await withStandIn(docker, change({ ...settings, ...started }), options, async (driven) =>
        use({ ...driven, ...(await answers(driven.lines, asked)) }),
      );
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof UserError) || error.exitCode !== 1) throw error;
      throw new UserError(`${title}: ${error.message}`, {
        reason: "check",
        hint: error.hint || `Its log:\n${shownLog(said.join("\n"))}`,
        cause: error,
      });
    }
  };
}
