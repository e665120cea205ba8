import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { z } from "zod";
import { ARCHES } from "./catalog.ts";
import { exec, readLogs, removeContainer } from "./clients/container.ts";
import { UserError } from "./errors.ts";
import { environmentFault } from "./faults.ts";
import type { Image } from "./plan.ts";

/** User and group that Lambda runs functions as; neither has an entry in the image's passwd. */
const LAMBDA_USER = "993:990";
const TMP_MB = 512;
const RIE_PORT = 8080;

/** Runs inside the container with the event on stdin, so that the container needs no network and no published port. */
const CALL = `
const [event, wait] = [[], Date.now() + Number(process.argv[1])];
for await (const chunk of process.stdin) event.push(chunk);
const url = "http://127.0.0.1:${RIE_PORT}/2015-03-31/functions/function/invocations";
const body = Buffer.concat(event);
for (;;) {
  const start = performance.now();
  try {
    const response = await fetch(url, { method: "POST", body });
    const text = await response.text();
    console.log(JSON.stringify({ status: response.status, body: text, milliseconds: performance.now() - start }));
    break;
  } catch (error) {
    if (error.cause?.code !== "ECONNREFUSED" || Date.now() > wait) throw error;
    await new Promise((next) => setTimeout(next, 20));
  }
}`;

const replySchema = z.object({ status: z.number(), body: z.string(), milliseconds: z.number() });

/** The function's answer to one event. */
export interface Reply {
  /** The text that the function returned. */
  readonly body: string;
  /** From the request to the end of the answer, measured inside the container; the first one includes init. */
  readonly milliseconds: number;
}

export interface Sandbox {
  /** Sends one event through the emulator. Calls are to follow each other: the emulator takes one at a time. */
  invoke(event: string): Promise<Reply>;
  /** What the container has written so far, for error messages. */
  logs(): Promise<string>;
}

export interface SandboxOptions {
  readonly signal: AbortSignal;
  /** Longest wait for the emulator's port, in milliseconds. */
  readonly startTimeout?: number;
}

/** Whether the image's architecture is not the engine's own, so that it runs under QEMU. */
export async function isEmulated(docker: Docker, image: Pick<Image, "arch">): Promise<boolean> {
  const { Architecture } = (await docker.info()) as { Architecture: string };
  const own = Architecture === "aarch64" ? "arm64" : Architecture;
  return own !== ARCHES[image.arch].lambda;
}

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
  const { signal, startTimeout = 60_000 } = options;
  signal.throwIfAborted();
  const container = await docker.createContainer({
    name: `mkimage-${image.function}-${image.arch}-${randomBytes(4).toString("hex")}`,
    Image: image.reference,
    User: LAMBDA_USER,
    Env: [`AWS_LAMBDA_FUNCTION_MEMORY_SIZE=${image.memory}`, `AWS_LAMBDA_FUNCTION_NAME=${image.function}`],
    Labels: { "mkimage.sandbox": image.function },
    HostConfig: {
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": `rw,nosuid,nodev,size=${TMP_MB}m` },
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      NetworkMode: "none",
      Memory: image.memory * 1024 * 1024,
      MemorySwap: image.memory * 1024 * 1024,
      PidsLimit: 1024,
    },
  });
  const stopped = new AbortController();
  const abort = () => stopped.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const logs = () => readLogs(container);
  try {
    signal.throwIfAborted();
    await container.start();
    const invoke = async (event: string): Promise<Reply> => {
      const command = ["/usr/local/bin/node", "--input-type=module", "--eval", CALL, "--", String(startTimeout)];
      const call = exec(container, command, event);
      const result = await Promise.race([call, aborted(stopped.signal)]);
      if (result.exitCode !== 0) throw await deadContainer(container, result.stderr, logs);
      const reply = replySchema.parse(JSON.parse(result.stdout));
      if (reply.status !== 200) throw notAnswered(`HTTP ${reply.status}: ${reply.body}`, await logs());
      return reply;
    };
    return await use({ invoke, logs });
  } catch (error) {
    signal.throwIfAborted();
    throw environmentFault(String((error as Error).message), error) ?? error;
  } finally {
    signal.removeEventListener("abort", abort);
    await removeContainer(container);
  }
}

async function aborted(signal: AbortSignal): Promise<never> {
  await delay(2 ** 31 - 1, undefined, { signal, ref: false }).catch(() => {});
  throw signal.reason;
}

function notAnswered(what: string, logs: string): UserError {
  return new UserError(`The function did not answer: ${what}`, { reason: "check", hint: logs && `Its log:\n${logs}` });
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
