import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { z } from "zod";
import { ARCHES } from "../catalog.ts";
import {
  type ExecResult,
  exec,
  followLogs,
  readLogs,
  waitForEnd,
  withContainer,
} from "../clients/container.ts";
import { environmentFault } from "../clients/engine-errors.ts";
import { UserError } from "../errors.ts";
import type { Image } from "../plan/image.ts";
import { CALL, callCommand, RIE_PORT, reply } from "./calls.ts";
import { requireShortEvent } from "./event-size.ts";
import { causeOfNone, isEmulators, OUT_OF_MEMORY, shownLog } from "./function-error.ts";
import { LAMBDA_USER, LONGEST_REPLY, limitedTo } from "./limits.ts";
import { withReadOnlyVolumes } from "./read-only-volumes.ts";

/** The function's answer to one event. */
export interface Reply {
  /** The text that the function returned. */
  readonly body: string;
  /** From the request to the end of the answer, measured inside the container; the first one includes init. */
  readonly milliseconds: number;
}

export interface Sandbox {
  /**
   * Sends events (JSON texts) through the emulator, one after the other, and returns the answers in order.
   * @throws UserError (exit 1) when the function or the emulator gives none.
   */
  invoke(events: readonly string[]): Promise<Reply[]>;
  /** What the container has written so far, for error messages. */
  logs(): Promise<string>;
  readonly container: Docker.Container;
  /** Where commands run that call the function: its own container, or one that shares its network. */
  readonly caller: Docker.Container;
}

/** What an image needs that has no Node to be called by, or no emulator. */
export interface Helper {
  /** Id of the image of `ensureCaller`. */
  readonly image: string;
  /** What the container starts in place of the image's own entry point: with an emulator of the helper's. */
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
}

/** What a person gives a function beside its image. */
export interface FunctionOptions {
  /** Whether it reaches the network. */
  readonly network?: boolean | undefined;
  /** Further variables of its environment, as `NAME=value`. */
  readonly env?: readonly string[];
}

export interface SandboxOptions extends FunctionOptions {
  readonly signal: AbortSignal;
  /** Longest wait for the emulator's port, in milliseconds. */
  readonly startTimeout?: number;
  /** Seconds that the function has for an event, with init. */
  readonly timeout?: number;
  /** Takes each line that the function writes, as it comes; errors do not repeat them then. */
  readonly log?: ((line: string) => void) | undefined;
  /** For an image that cannot be called from inside. */
  readonly helper?: Helper | undefined;
}

/** The engine's processors, and whether an image's architecture is not its own, so that it runs under QEMU. */
async function machineOf(docker: Docker, { arch }: Pick<Image, "arch">) {
  const { Architecture, NCPU = 1 } = (await docker.info()) as { Architecture: string; NCPU?: number };
  const own = Architecture === "aarch64" ? "arm64" : Architecture;
  return { emulated: own !== ARCHES[arch].lambda, processors: NCPU };
}

/** Whether the image's architecture is not the engine's own, so that it runs under QEMU. */
export const isEmulated = async (docker: Docker, image: Pick<Image, "arch">): Promise<boolean> =>
  (await machineOf(docker, image)).emulated;

/** How much longer an event may take under emulation. */
const EMULATED = 5;

/** Of several values of a variable the last one: programs would see the first. */
const lastOfEach = (env: readonly string[]): string[] => [
  ...new Map(env.map((each) => [each.slice(0, each.indexOf("=")), each])).values(),
];

/** What of an image decides how its sandbox is. */
export type Sandboxed = Pick<Image, "reference" | "arch" | "memory" | "function"> &
  Partial<Pick<Image, "ephemeralStorage" | "timeout">>;

/** The container of an image with all of Lambda's limits (limits.ts), and the seconds that an event may take in it. */
export async function sandboxSettings(
  docker: Docker,
  image: Sandboxed,
  { env = [], network = false, ...options }: FunctionOptions & { readonly timeout?: number },
): Promise<{ readonly settings: Docker.ContainerCreateOptions; readonly timeout: number }> {
  const machine = await machineOf(docker, image);
  const { ephemeralStorage: tmp = 512, timeout: seconds = 60, memory, arch } = image;
  const timeout = options.timeout ?? seconds * (machine.emulated ? EMULATED : 1);
  const limited = limitedTo({ ...machine, arch, memory, tmp, timeout, network, function: image.function });
  const settings = {
    ...limited,
    Image: image.reference,
    Env: lastOfEach([...(limited.Env ?? []), ...env]),
    Labels: { "mkimage.sandbox": image.function },
    HostConfig: {
      ...limited.HostConfig,
      // Whatever it writes: the last megabyte or two are kept, for errors.
      LogConfig: { Type: "local", Config: { "max-size": "1m", "max-file": "2", compress: "false" } },
    },
  };
  return { settings, timeout };
}

/**
 * Starts a built image with all of Lambda's limits (limits.ts), hands it to `use`, and always removes the container.
 */
export async function withSandbox<T>(
  docker: Docker,
  image: Sandboxed,
  options: SandboxOptions,
  use: (sandbox: Sandbox) => Promise<T>,
): Promise<T> {
  const { signal, startTimeout = 60_000, helper, log } = options;
  signal.throwIfAborted();
  const { settings } = await sandboxSettings(docker, image, options);
  return withCalled(docker, settings, { helper, signal, startTimeout }, async (container, caller, ended) => {
    const shown = log && showLog(container, log);
    const logs = () => readLogs(container);
    const told = async () => (shown ? "" : logs());
    const invoke = async (events: readonly string[]): Promise<Reply[]> => {
      for (const event of events) requireShortEvent(event);
      const call = exec(caller, callCommand(CALL, startTimeout), JSON.stringify(events));
      const result = await Promise.race([call, ended, aborted(signal)]);
      await shown?.reported(events.length);
      if (result.exitCode !== 0)
        throw await deadContainer(container, result.stderr, { logs, told, patience: startTimeout });
      const replies = z.array(reply).parse(JSON.parse(result.stdout));
      const text = await logs();
      const [cause] = replies.flatMap((each) => causeOfNone(each, { log: text, memory: image.memory }) ?? []);
      if (cause) throw notAnswered(cause, await told());
      for (const { body } of replies) requireShort(body);
      return replies;
    };
    try {
      return await use({ invoke, logs, container, caller });
    } catch (error) {
      signal.throwIfAborted();
      throw environmentFault(String((error as Error).message), error) ?? error;
    }
  });
}

type Started<T> = (
  container: Docker.Container,
  caller: Docker.Container,
  /** Fulfilled when the container ends while the caller does not. */
  ended: Promise<ExecResult>,
) => Promise<T>;

const NEVER = new Promise<never>(() => {});

interface CalledOptions extends Pick<SandboxOptions, "helper" | "signal"> {
  readonly startTimeout: number;
}

/** Starts the function's container, and where it has a helper also the caller beside it; always removes them. */
const withCalled = <T>(
  docker: Docker,
  settings: Docker.ContainerCreateOptions,
  options: CalledOptions,
  use: Started<T>,
): Promise<T> => withReadOnlyVolumes(docker, settings, (strict) => withStarted(docker, strict, options, use));

async function withStarted<T>(
  docker: Docker,
  settings: Docker.ContainerCreateOptions,
  { helper, signal, startTimeout }: CalledOptions,
  use: Started<T>,
): Promise<T> {
  const start = async (container: Docker.Container) => {
    signal.throwIfAborted();
    await container.start().catch((error: unknown) => {
      signal.throwIfAborted();
      throw environmentFault(String((error as Error).message), error) ?? error;
    });
  };
  if (!helper) {
    return withContainer(docker, settings, async (container) => {
      await start(container);
      return use(container, container, NEVER);
    });
  }
  const strict = { CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges"], ReadonlyRootfs: true };
  const common = { Image: helper.image, User: LAMBDA_USER, Labels: settings.Labels ?? {} };
  // Its volume has the emulators. It is made only, and never started.
  return withContainer(docker, { ...common, HostConfig: strict }, (holder) => {
    const called = {
      ...settings,
      ...(helper.entrypoint && { Entrypoint: [...helper.entrypoint], Cmd: [...(helper.command ?? [])] }),
      HostConfig: { ...settings.HostConfig, VolumesFrom: [`${holder.id}:ro`] },
    };
    return withContainer(docker, called, async (container) => {
      await start(container);
      const network = { ...strict, NetworkMode: `container:${container.id}` };
      return withContainer(docker, { ...common, HostConfig: network }, async (caller) => {
        const logs = () => readLogs(container);
        await caller.start().catch(async (error: unknown) => {
          const { State } = await container.inspect();
          if (State.Running) throw error;
          throw await deadContainer(container, "", { logs, told: logs, patience: startTimeout });
        });
        const ended = container.wait().then(() => ({ exitCode: -1, stdout: "", stderr: "" }));
        ended.catch(() => {});
        return use(container, caller, ended);
      });
    });
  });
}

/** How long the emulator may take to report an event when its answer is there, in milliseconds. */
const REPORT_PATIENCE = 1000;

/** Hands over what a function writes while it runs, without the emulator's own lines. */
function showLog(container: Docker.Container, log: (line: string) => void) {
  let reports = 0;
  let waiting = () => {};
  followLogs(container, (line) => {
    if (!isEmulators(line)) log(line);
    if (!line.startsWith("REPORT ")) return;
    reports++;
    waiting();
  }).catch(() => {});
  let asked = 0;
  return {
    /** Waits for what is written before further events are reported; of a function that ends, there is no report. */
    async reported(events: number): Promise<void> {
      asked += events;
      const all = new Promise<void>((done) => {
        waiting = () => reports >= asked && done();
        waiting();
      });
      await Promise.race([all, delay(REPORT_PATIENCE)]);
    },
  };
}

/** Never fulfilled; rejected when the signal is aborted, at once when it is already: then it sends no event any more. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** @throws UserError (exit 1) for a reply that is longer than Lambda passes on */
function requireShort(body: string): void {
  const bytes = Buffer.byteLength(body);
  if (bytes <= LONGEST_REPLY) return;
  throw new UserError(`The reply has ${bytes} bytes, and Lambda passes on ${LONGEST_REPLY} at most`, {
    reason: "check",
    hint: "Send fewer inputs in one request, or reply with the place of the result, in S3 for example.",
  });
}

function notAnswered(what: string, logs: string): UserError {
  return new UserError(`The function did not answer: ${what}`, {
    reason: "check",
    hint: logs && `Its log:\n${shownLog(logs)}`,
  });
}

interface Logs {
  readonly logs: () => Promise<string>;
  /** What of it is told with an error. */
  readonly told: () => Promise<string>;
  /** How long the emulator's port was waited for, in milliseconds. */
  readonly patience: number;
}

/** Why a call from inside a container failed, while the container runs. */
const callFault = (stderr: string, patience: number): string =>
  stderr.includes("ECONNREFUSED")
    ? `nothing listens on port ${RIE_PORT} after ${patience / 1000} s: its entry point does not start the emulator`
    : (stderr.trim().split("\n").at(-1) ?? "");

/** How long a container may take to end after a connection to it has broken, in milliseconds. */
const END_PATIENCE = 500;

async function deadContainer(container: Docker.Container, stderr: string, { logs, told, patience }: Logs) {
  const text = await logs();
  const fault = environmentFault(`${stderr}\n${text}`);
  if (fault) return fault;
  await waitForEnd(container, END_PATIENCE);
  const { State } = await container.inspect();
  const how = State.OOMKilled
    ? OUT_OF_MEMORY
    : State.Running
      ? callFault(stderr, patience)
      : `it ended with exit code ${State.ExitCode}`;
  return notAnswered(String(how), await told());
}
