import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { UserError } from "../errors.ts";
import { type LifecycleOptions, lifecycleRunner, type Question, type Subject } from "./lifecycle-run.ts";
import { callsAfter, watchedRandom } from "./random-watch.ts";
import type { Driven } from "./stand-in.ts";
import { writtenFiles } from "./written-files.ts";

/** What a function does at the moments of its life that the emulator does not have. */
export interface Lifecycle {
  /** From SIGTERM to its end, in milliseconds, with what the engine takes. */
  readonly stopMs: number;
  /** Events that it had in work at one time, of two. */
  readonly atOnce: number;
  readonly restore: {
    /** How Lambda learns that a snapshot may be taken: by the call, or by the image's label alone. */
    readonly by: "restore/next" | "label" | "nothing";
    /** Addresses that it was connected to when the snapshot was taken. */
    readonly connections: readonly string[];
    /** Calls after it of generators that the copies of a snapshot have in common; of programs in Node.js only. */
    readonly random: readonly string[];
  };
  /** Files that it would write outside /tmp if it could. */
  readonly written: readonly string[];
}

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

export interface CheckOptions extends LifecycleOptions {
  /** Whether it has to be fit for managed instances and for snapshots. */
  readonly strict: boolean;
}

/**
 * Runs an image without the emulator at the moments of a function's life that the emulator does not have: a stop by SIGTERM,
 * two events at one time as on managed instances, a restore from a snapshot; and looks which files it writes.
 * @param subject by its id in the engine's store, with the image's labels
 * @throws UserError (exit 1) with what is wrong, and the function's log
 */
export async function checkLifecycle(
  { labels, ...subject }: Subject & { readonly labels: Readonly<Record<string, string>> },
  questions: readonly Question[],
  { strict, ...options }: CheckOptions,
): Promise<Lifecycle> {
  const run = await lifecycleRunner(subject, questions, options);
  const stopMs = await run({ title: "In the run that SIGTERM ends", env: [], events: 1, atOnce: 1 }, stop);
  const managed = ["AWS_LAMBDA_MAX_CONCURRENCY=2", "AWS_LAMBDA_INITIALIZATION_TYPE=lambda-managed-instances"];
  const atOnce = await run(
    { title: "In the run with two events at once", env: managed, events: 2, atOnce: 2 },
    async ({ most }) => {
      if (most === 2 || !strict) return most;
      throw new UserError(
        "with AWS_LAMBDA_MAX_CONCURRENCY=2 it asks for the second event when the first is answered",
        {
          reason: "check",
          hint: "On managed instances a function has several events at one time: it asks for as many as the variable says.",
        },
      );
    },
  );
  const { Config } = await options.docker.getImage(subject.reference).inspect();
  const randomCalls: string[] = [];
  const snapStart = [
    "AWS_LAMBDA_INITIALIZATION_TYPE=snap-start",
    watchedRandom([...(options.env ?? []).toReversed(), ...(Config.Env ?? [])]),
  ];
  const restored = await run(
    { title: "In the run from a snapshot", env: snapStart, events: 2, atOnce: 1, randomCalls },
    async (ran) => {
      if (ran.restored || labels[SNAPSTART_LABEL] || !strict) return ran.restored;
      throw new UserError("it does not call restore/next, and has no label that allows a snapshot", {
        reason: "check",
        hint: `Call it at the end of the init where AWS_LAMBDA_INITIALIZATION_TYPE is snap-start, or add LABEL ${SNAPSTART_LABEL}=Allow.`,
      });
    },
  );
  const restore: Lifecycle["restore"] = {
    by: restored ? "restore/next" : labels[SNAPSTART_LABEL] ? "label" : "nothing",
    connections: restored?.connections ?? [],
    random: restored ? callsAfter(restored.at, randomCalls) : [],
  };
  const written = await run(
    {
      title: "In the run with a file system that can be written",
      env: [],
      events: 1,
      atOnce: 1,
      change: writable,
    },
    ({ container }) => writtenFiles(container),
  );
  return { stopMs, atOnce, restore, written };
}

/** What is told of it beside the table: predicates of the image. Pure. */
export const lifecycleNotes = (lifecycle: Lifecycle | undefined): string[] =>
  lifecycle
    ? [
        ...lifecycle.written.map((path) => `writes outside /tmp, which Lambda refuses: ${path}`),
        ...lifecycle.restore.connections.map(
          (address) => `is connected to ${address} when a snapshot is taken: after a restore nobody is there`,
        ),
        ...lifecycle.restore.random.map(
          (call) => `draws random values that all copies of a snapshot have in common: ${call}`,
        ),
      ]
    : [];
