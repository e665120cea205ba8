import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { type Duplex, PassThrough, type Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { noteLeftover } from "../leftovers/run-record.ts";
import { isNotFound } from "./docker.ts";

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in a container with the given text on its stdin, and waits for its end; -1 where the container has ended. */
export async function exec(
  container: Docker.Container,
  command: string[],
  input: string,
): Promise<ExecResult> {
  try {
    return await execRunning(container, command, input);
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 409) throw error;
    return { exitCode: -1, stdout: "", stderr: (error as Error).message };
  }
}

async function execRunning(
  container: Docker.Container,
  command: string[],
  input: string,
): Promise<ExecResult> {
  const { run, stdin, stdout: out, stderr: err } = await openExec(container, command);
  const result = Promise.all([text(out), text(err)]);
  stdin.end(input);
  const [stdout, stderr] = await result;
  return { exitCode: await exitCodeOf(run), stdout, stderr };
}

/** A command that runs in a container, with its streams. */
export interface RunningExec {
  readonly run: Docker.Exec;
  readonly stdin: Duplex;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Starts a command in a container. Its output ends with it, or with the container. */
export async function openExec(container: Docker.Container, command: string[]): Promise<RunningExec> {
  const run = await container.exec({
    Cmd: command,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  });
  const stdin = await run.start({ hijack: true, stdin: true });
  return { run, stdin, ...separated(container, stdin) };
}

/** The two outputs that the engine sends in one stream. */
function separated(container: Docker.Container, stream: Readable) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  container.modem.demuxStream(stream, stdout, stderr);
  stream.on("end", () => [stdout, stderr].forEach((each) => void each.end()));
  stream.on("error", (error: Error) => [stdout, stderr].forEach((each) => void each.destroy(error)));
  return { stdout, stderr };
}

/** Hands each line that a container writes to `log`, until it ends. */
export async function followLogs(container: Docker.Container, log: (line: string) => void): Promise<void> {
  const stream = await container.logs({ stdout: true, stderr: true, follow: true });
  const { stdout, stderr } = separated(container, stream as Readable);
  const lines = async (output: Readable) => {
    for await (const line of createInterface({ input: output })) log(line);
  };
  await Promise.all([lines(stdout), lines(stderr)]);
}

/** The engine may close the streams an instant before it notes the exit code. */
async function exitCodeOf(run: Docker.Exec): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const { Running, ExitCode } = await run.inspect();
    if (!Running && ExitCode !== null) return ExitCode;
    await delay(20);
  }
  return -1;
}

/**
 * Waits until a container has ended, or so many milliseconds: a program or a connection in it breaks before the engine has seen
 * its end.
 */
export async function waitForEnd(container: Docker.Container, patience: number): Promise<void> {
  await Promise.race([container.wait().catch(() => {}), delay(patience)]);
}

/** Lines that are read of what a container has written, and characters that are kept of each. */
const TAIL = { lines: 200, width: 1000 };

/** The last lines that a container has written to stdout and stderr, long ones cut. */
export async function readLogs(container: Docker.Container): Promise<string> {
  const raw = await container.logs({ stdout: true, stderr: true, tail: TAIL.lines, follow: false });
  return stripFrames(raw)
    .trimEnd()
    .split("\n")
    .map((line) => (line.length > TAIL.width ? `${line.slice(0, TAIL.width)}…` : line))
    .join("\n");
}

/** Removes the 8-byte header that the engine puts before each piece of output of a container without a terminal. */
function stripFrames(raw: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + 8 <= raw.length; ) {
    const size = raw.readUInt32BE(at + 4);
    pieces.push(raw.subarray(at + 8, at + 8 + size));
    at += 8 + size;
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** Makes a container, hands it to `use`, and always removes it. What cannot be removed, the next run tries to. */
export async function withContainer<T>(
  docker: Docker,
  settings: Omit<Docker.ContainerCreateOptions, "name">,
  use: (container: Docker.Container) => Promise<T>,
): Promise<T> {
  const name = `mkimage-${randomBytes(6).toString("hex")}`;
  const removed = noteLeftover({ kind: "container", name });
  const container = await docker.createContainer({ ...settings, name }).catch((error: unknown) => {
    removed();
    throw error;
  });
  try {
    return await use(container);
  } finally {
    await removeContainer(container);
    removed();
  }
}

/** Ends and removes a container with its volumes. Returns whether there was one: what is gone already is no error. */
export async function removeContainer(container: Docker.Container): Promise<boolean> {
  try {
    await container.remove({ force: true, v: true });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    // Its removal is under way.
    if ((error as { statusCode?: number }).statusCode === 409) return true;
    throw error;
  }
}
