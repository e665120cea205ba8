import { randomBytes, randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { cachePath } from "../cache/folders.ts";
import { writeAtomicSync } from "../files/atomic.ts";
import { identify, type ProcessId } from "../processes/process-id.ts";

const processId = z.object({ pid: z.number().int().positive(), started: z.string(), where: z.string() });

const leftoverSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("process"), id: processId }),
  z.object({ kind: z.literal("folder"), path: z.string() }),
  z.object({ kind: z.literal("container"), name: z.string() }),
  z.object({ kind: z.literal("image"), reference: z.string() }),
  z.object({ kind: z.literal("function"), name: z.string(), region: z.string() }),
]);

/** Something temporary: by name in the engine of the current context, on this machine, or in Lambda. */
export type Leftover = z.output<typeof leftoverSchema>;

/**
 * What a run has to remove, at this moment. It does so itself, also on an error and on Ctrl-C; what a killed one has left
 * behind, the next one finds in the record (`sweep`).
 */
export const recordSchema = z.object({ owner: processId, leftovers: z.array(leftoverSchema) });

export const recordsFolder = () => cachePath("runs");

let leftovers: readonly Leftover[] = [];
const file = `${randomUUID()}.json`;

/**
 * Writes the record in one step: it may be read at any moment, and this process may be killed at any moment. Where the
 * cache cannot be written to, nothing is noted: whatever needs the cache says so.
 */
function save(owner: ProcessId): void {
  const path = cachePath("runs", file);
  try {
    if (leftovers.length === 0) {
      rmSync(path, { force: true });
      return;
    }
    writeAtomicSync(path, JSON.stringify({ owner, leftovers }));
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code) throw error;
  }
}

/** Notes something that the next run removes, should this one be killed. Returns what to call when it has been removed. */
export function noteLeftover(leftover: Leftover): () => void {
  const owner = identify(process.pid);
  if (!owner) return () => {};
  leftovers = [...leftovers, leftover];
  save(owner);
  return () => {
    leftovers = leftovers.filter((each) => each !== leftover);
    save(owner);
  };
}

/** Does something that makes and removes something temporary; the next run removes it, should this one be killed. */
export async function withLeftover<T>(leftover: Leftover, use: () => Promise<T>): Promise<T> {
  const removed = noteLeftover(leftover);
  try {
    return await use();
  } finally {
    removed();
  }
}

/** Notes a child process, as `noteLeftover` does. */
export function noteProcess(pid: number | undefined): () => void {
  const id = pid && identify(pid);
  return id ? noteLeftover({ kind: "process", id }) : () => {};
}

/**
 * Runs an action with a new folder for temporary files, and removes it. It is noted before it is made: a run that is
 * killed between the two leaves nothing that the next one does not know of.
 * @param prefix a path whose last part begins the folder's name; a name alone is in the system's temporary folder
 */
export async function withScratch<T>(prefix: string, action: (folder: string) => Promise<T>): Promise<T> {
  const path = `${resolve(tmpdir(), prefix)}${randomBytes(8).toString("hex")}`;
  const removed = noteLeftover({ kind: "folder", path });
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    removed();
    throw error;
  });
  try {
    return await action(path);
  } finally {
    await rm(path, { recursive: true, force: true });
    removed();
  }
}
