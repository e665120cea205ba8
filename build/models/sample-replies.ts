import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Sample, type SampleReplies, sampleReplies } from "../../models/sample.ts";
import { writeAtomic } from "../files/atomic.ts";
import { readProjectJson, stringify } from "../files/json.ts";

/** The file with the reference's replies to a model's samples, beside its spec. */
export const repliesPath = (project: string, name: string): string =>
  join(project, "models", `${name}.samples.json`);

/** @throws UserError (exit 2) when the file is there and is not valid. */
export async function readReplies(project: string, name: string): Promise<readonly Sample[] | undefined> {
  const path = repliesPath(project, name);
  const isThere = await readFile(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
  const found = isThere ? await readProjectJson(sampleReplies, path) : undefined;
  return found?.samples;
}

/** Writes the file in one step. */
export const writeReplies = (project: string, name: string, replies: SampleReplies): Promise<void> =>
  writeAtomic(repliesPath(project, name), stringify(replies));

/** Whether two samples ask the same. */
export const asksTheSame = (a: Pick<Sample, "inputs" | "parameters">, b: typeof a): boolean =>
  isDeepStrictEqual([a.inputs, a.parameters ?? {}], [b.inputs, b.parameters ?? {}]);
