import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { removeContainer } from "./clients/container.ts";
import { connectDocker, removeReference } from "./clients/docker.ts";
import { EXIT, UserError } from "./errors.ts";
import { type Leftover, recordSchema, recordsFolder } from "./leftovers/run-record.ts";
import { say } from "./output.ts";
import { isRunning, type ProcessId } from "./processes/process-id.ts";

/** How long a process that is left over may take to end before it is killed, in milliseconds. */
const PATIENCE = 5000;

/** From this age on a record of which only a part was written is not being written any more, in milliseconds. */
const UNFINISHED = 60_000;

async function endProcess(id: ProcessId): Promise<void> {
  const signal = (name: NodeJS.Signals) => {
    if (isRunning(id)) process.kill(id.pid, name);
  };
  signal("SIGTERM");
  const deadline = performance.now() + PATIENCE;
  while (isRunning(id) && performance.now() < deadline) await delay(20);
  signal("SIGKILL");
}

/** Milliseconds for removing a function. Its SDK is loaded only where there is one. */
const REMOVAL = 30_000;

async function removeFunction({ name, region }: { name: string; region: string }): Promise<void> {
  const { Lambda } = await import("./clients/lambda.ts");
  const env = { ...process.env, AWS_REGION: region };
  await new Lambda(AbortSignal.timeout(REMOVAL), env).deleteFunction(name);
}

/** How long an engine may take to make what a killed run has asked it for last, in milliseconds. */
const IN_FLIGHT = 2000;

/** @param noted when the record was written, in milliseconds since 1970 */
async function removeLeftover(leftover: Leftover, noted: number): Promise<void> {
  switch (leftover.kind) {
    case "process":
      return endProcess(leftover.id);
    case "folder":
      return rm(leftover.path, { recursive: true, force: true });
    case "container": {
      const container = (await connectDocker()).getContainer(leftover.name);
      // It is noted before it is made, and the engine may be at it still.
      while (!(await removeContainer(container)) && Date.now() - noted < IN_FLIGHT) await delay(50);
      return;
    }
    case "image":
      return removeReference(await connectDocker(), leftover.reference);
    case "function":
      return removeFunction(leftover);
  }
}

/** What may be still at work goes first: it could make the others again. */
const ORDER: readonly Leftover["kind"][] = ["process", "folder", "container", "image", "function"];

async function readRecord(file: string) {
  try {
    return recordSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return undefined;
  }
}

async function cleanUp(file: string): Promise<void> {
  const record = await readRecord(file);
  if (!record || isRunning(record.owner) !== false) return;
  const noted = (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
  for (const kind of ORDER) {
    // What was made last goes first: a volume that a container uses is not removed with another one.
    for (const leftover of record.leftovers.filter((each) => each.kind === kind).toReversed())
      await removeLeftover(leftover, noted);
  }
  await rm(file, { force: true });
  say(`cleaned up after a run that was killed (process ${record.owner.pid})`);
}

/** Removes a record that was being written when its run was killed; the one before it is still there, and rules. */
async function removeUnfinished(file: string): Promise<void> {
  const record = await readRecord(file);
  const isLeft = record
    ? isRunning(record.owner) === false
    : Date.now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now()) > UNFINISHED;
  if (isLeft) await rm(file, { force: true });
}

/** Whether the next run may do it: another user's, or the engine does not answer. */
const isForLater = (error: unknown): boolean =>
  error instanceof UserError
    ? error.exitCode === EXIT.environment
    : ["EPERM", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "");

/**
 * Ends and removes what runs have left behind that were killed on this machine. What belongs to a living one stays, and
 * so does what another user has left.
 */
export async function sweep(): Promise<void> {
  const names = await readdir(recordsFolder()).catch(() => []);
  for (const name of names) {
    const clean = name.endsWith(".json") ? cleanUp : removeUnfinished;
    await clean(join(recordsFolder(), name)).catch((error: unknown) => {
      if (!isForLater(error)) throw error;
    });
  }
}
