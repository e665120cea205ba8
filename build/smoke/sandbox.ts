import type Docker from "dockerode";
import { z } from "zod";
import { ARCHES } from "../catalog.ts";
import { exec, readLogs, withContainer } from "../clients/container.ts";
import { environmentFault } from "../clients/engine-errors.ts";
import { UserError } from "../errors.ts";
import type { Image } from "../plan/image.ts";
import { CALL, callCommand, reply } from "./calls.ts";
import { causeOfNone } from "./function-error.ts";

/** User and group that Lambda runs functions as; neither has an entry in the image's passwd. */
const LAMBDA_USER = "993:990";
const TMP_MB = 512;

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
}

export interface SandboxOptions {
  readonly signal: AbortSignal;
  /** Longest wait for the emulator's port, in milliseconds. */
  readonly startTimeout?: number;
  /** Seconds that the function has for an event, with init. */
  readonly timeout?: number;
  /** Further variables of the container's environment, as `NAME=value`. */
  readonly env?: readonly string[];
}

/** Whether the image's architecture is not the engine's own, so that it runs under QEMU. */
export async function isEmulated(docker: Docker, image: Pick<Image, "arch">): Promise<boolean> {
  const { Architecture } = (await docker.info()) as { Architecture: string };
  const own = Architecture === "aarch64" ? "arm64" : Architecture;
  return own !== ARCHES[image.arch].lambda;
}

/** Seconds that a smoke test or a person waits for an answer. Emulated, the same takes several times as long. */
const timeoutOf = async (docker: Docker, image: Pick<Image, "arch">): Promise<number> =>
  (await isEmulated(docker, image)) ? 300 : 60;

/** What Lambda's machines do not show: those with arm64 have no list of CPUs, which native libraries look for. */
const hidden = (arch: Image["arch"]): Record<string, string> =>
  arch === "arm64" ? { "/sys/devices/system/cpu": "ro,size=4k" } : {};

/**
 * Starts a built image as strictly as Lambda does (read-only root, /tmp of 512 MB, an unprivileged user without
 * capabilities, the function's memory) and without network, hands it to `use`, and always removes the container.
 */
export async function withSandbox<T>(
  docker: Docker,
  image: Pick<Image, "reference" | "arch" | "memory" | "function">,
  options: SandboxOptions,
  use: (sandbox: Sandbox) => Promise<T>,
): Promise<T> {
  const { signal, startTimeout = 60_000, env = [], timeout = await timeoutOf(docker, image) } = options;
  signal.throwIfAborted();
  const settings = {
    Image: image.reference,
    User: LAMBDA_USER,
    Env: [
      `AWS_LAMBDA_FUNCTION_MEMORY_SIZE=${image.memory}`,
      `AWS_LAMBDA_FUNCTION_NAME=${image.function}`,
      `AWS_LAMBDA_FUNCTION_TIMEOUT=${timeout}`,
      ...env,
    ],
    Labels: { "mkimage.sandbox": image.function },
    HostConfig: {
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": `rw,nosuid,nodev,size=${TMP_MB}m`, ...hidden(image.arch) },
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      NetworkMode: "none",
      Memory: image.memory * 1024 * 1024,
      MemorySwap: image.memory * 1024 * 1024,
      PidsLimit: 1024,
      // Whatever it writes: the last megabyte or two are kept, for errors.
      LogConfig: { Type: "local", Config: { "max-size": "1m", "max-file": "2", compress: "false" } },
    },
  };
  return withContainer(docker, settings, async (container) => {
    const logs = () => readLogs(container);
    try {
      signal.throwIfAborted();
      await container.start();
      const invoke = async (events: readonly string[]): Promise<Reply[]> => {
        const call = exec(container, callCommand(CALL, startTimeout), JSON.stringify(events));
        const result = await Promise.race([call, aborted(signal)]);
        if (result.exitCode !== 0) throw await deadContainer(container, result.stderr, logs);
        const replies = z.array(reply).parse(JSON.parse(result.stdout));
        const log = await logs();
        const [cause] = replies.flatMap((each) => causeOfNone(each, { log, memory: image.memory }) ?? []);
        if (cause) throw notAnswered(cause, log);
        return replies;
      };
      return await use({ invoke, logs, container });
    } catch (error) {
      signal.throwIfAborted();
      throw environmentFault(String((error as Error).message), error) ?? error;
    }
  });
}

/** Never fulfilled; rejected when the signal is aborted, at once when it is already: then it sends no event any more. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function notAnswered(what: string, logs: string): UserError {
  return new UserError(`The function did not answer: ${what}`, {
    reason: "check",
    hint: logs && `Its log:\n${logs}`,
  });
}

async function deadContainer(container: Docker.Container, stderr: string, logs: () => Promise<string>) {
  const text = await logs();
  const fault = environmentFault(`${stderr}\n${text}`);
  if (fault) return fault;
  const { State } = await container.inspect();
  const how = State.OOMKilled
    ? "it ran out of memory: raise `memory` in mkimage.json"
    : State.Running
      ? stderr.trim().split("\n").at(-1)
      : `it ended with exit code ${State.ExitCode}`;
  return notAnswered(String(how), text);
}
