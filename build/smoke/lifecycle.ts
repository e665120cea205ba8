import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { ensureCaller } from "../engine/caller-image.ts";
import { UserError } from "../errors.ts";
import type { Image } from "../plan/image.ts";
import { testCasesOf } from "./cases.ts";
import { functionError, shownLog } from "./function-error.ts";
import { callsAfter, isRandomCall, watchedRandom } from "./random-watch.ts";
import type { ApiPlan, RuntimeLine } from "./runtime-api.ts";
import { type FunctionOptions, sandboxSettings } from "./sandbox.ts";
import { type Driven, notAnswered, withStandIn } from "./stand-in.ts";
import { eventsOf, replyFault } from "./user-handler.ts";
import { writtenFiles } from "./written-files.ts";

/** What a function does at the moments of its life that the emulator does not have. */
export interface Lifecycle {
  /** From SIGTERM to its end, in milliseconds, with what the engine takes. */
  readonly stopMs: number;
  /** Events that it had in work at one time, of two. */
  readonly atOnce: number;
  readonly restore: {
    /** How Lambda learns that a snapshot may be taken: by the call, or by the image's label alone. */
    readonly by: "restore/next" | "label";
    /** Addresses that it was connected to when the snapshot was taken. */
    readonly connections: readonly string[];
    /** Calls after it of generators that the copies of a snapshot have in common; of programs in Node.js only. */
    readonly random: readonly string[];
  };
  /** Files that it would write outside /tmp if it could. */
  readonly written: readonly string[];
}

interface LifecycleOptions extends FunctionOptions {
  readonly docker: Docker;
  readonly signal: AbortSignal;
}

/** An event, and what is wrong with the answer to it. */
interface Question {
  readonly event: string;
  /** @throws UserError (exit 1) with what is wrong */
  check(body: string): void;
}

/** The samples of the default model; of an image with a handler, whose answers nobody can judge, what is sent to it. */
async function questionsOf(image: Image): Promise<Question[]> {
  if (!image.handler) {
    const cases = await testCasesOf(image.models[0]);
    return cases.map((each) => ({ event: JSON.stringify(each.event), check: each.check }));
  }
  const check = (body: string) => {
    const fault = replyFault(body);
    if (fault) throw notAnswered(fault);
  };
  return (await eventsOf(image)).map((event) => ({ event: JSON.stringify(event), check }));
}

/** Further settings of a run. */
interface Run extends Pick<ApiPlan, "atOnce"> {
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

type Ran = Answered & Driven;

/** Longest that a function with an external extension has to end: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html */
const SHUTDOWN = 2000;

/** What the engine may take to send a signal and to tell an end, in milliseconds. */
const ENGINE = 1000;

/** @throws UserError (exit 1) when it does not end in time */
async function stop({ container, ended }: Driven): Promise<number> {
  const begun = performance.now();
  await container.kill({ signal: "SIGTERM" });
  const code = await Promise.race([ended, delay(SHUTDOWN + ENGINE, undefined, { ref: false })]);
  if (code !== undefined) return performance.now() - begun;
  throw new UserError(`The function does not end within ${SHUTDOWN / 1000} s of SIGTERM`, {
    reason: "check",
    hint:
      "Lambda kills it then, with all that it still holds. End at SIGTERM, or leave it to the system's default; " +
      "a script starts its last program with exec, which gets the signal then.",
  });
}

/** As root, with a file system that can be written: what it tries is seen, whatever becomes of the error. */
const writable = (settings: Docker.ContainerCreateOptions): Docker.ContainerCreateOptions => ({
  ...settings,
  User: "0:0",
  HostConfig: { ...settings.HostConfig, ReadonlyRootfs: false },
});

const SNAPSTART_LABEL = "com.amazonaws.lambda.feature.snapstart";

/**
 * Runs an image without the emulator at the moments of a function's life that the emulator does not have: a stop by SIGTERM,
 * two events at one time as on managed instances, a restore from a snapshot; and looks which files it writes.
 * @param id its id in the engine's store
 * @throws UserError (exit 1) with what is wrong, and the function's log
 */
export async function checkLifecycle(
  image: Image,
  id: string,
  { docker, signal, env: given = [], network }: LifecycleOptions,
): Promise<Lifecycle> {
  const caller = await ensureCaller(docker, signal);
  const questions = await questionsOf(image);
  const run = async <T>(
    { env, change = (same) => same, events, title, atOnce, randomCalls = [] }: Run,
    use: (ran: Ran) => Promise<T>,
  ): Promise<T> => {
    const { settings, timeout } = await sandboxSettings(
      docker,
      { ...image, reference: id },
      { env: [...given, ...env], network },
    );
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
      return await withStandIn(docker, change(settings), options, async (driven) =>
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
  const stopMs = await run({ title: "SIGTERM", env: [], events: 1, atOnce: 1 }, stop);
  const managed = ["AWS_LAMBDA_MAX_CONCURRENCY=2", "AWS_LAMBDA_INITIALIZATION_TYPE=lambda-managed-instances"];
  const atOnce = await run(
    { title: "Two events at once", env: managed, events: 2, atOnce: 2 },
    async ({ most }) => {
      if (most === 2) return most;
      throw new UserError(
        "with AWS_LAMBDA_MAX_CONCURRENCY=2 it asks for the second event when the first is answered",
        {
          reason: "check",
          hint: "On managed instances a function has several events at one time: it asks for as many as the variable says.",
        },
      );
    },
  );
  const { Config } = await docker.getImage(id).inspect();
  const randomCalls: string[] = [];
  const snapStart = [
    "AWS_LAMBDA_INITIALIZATION_TYPE=snap-start",
    watchedRandom([...given.toReversed(), ...(Config.Env ?? [])]),
  ];
  const restored = await run(
    { title: "SnapStart", env: snapStart, events: 2, atOnce: 1, randomCalls },
    async (ran) => {
      if (ran.restored || image.labels[SNAPSTART_LABEL]) return ran.restored;
      throw new UserError("it does not call restore/next, and has no label that allows a snapshot", {
        reason: "check",
        hint: `Call it at the end of the init where AWS_LAMBDA_INITIALIZATION_TYPE is snap-start, or add LABEL ${SNAPSTART_LABEL}=Allow.`,
      });
    },
  );
  const restore: Lifecycle["restore"] = {
    by: restored ? "restore/next" : "label",
    connections: restored?.connections ?? [],
    random: restored ? callsAfter(restored.at, randomCalls) : [],
  };
  const written = await run(
    { title: "Files outside /tmp", env: [], events: 1, atOnce: 1, change: writable },
    ({ container }) => writtenFiles(container),
  );
  return { stopMs, atOnce, restore, written };
}
