import type { Argv } from "yargs";
import { rejectedPath, verifyBlob } from "../../cache/blobs.ts";
import { cacheRoot } from "../../cache/folders.ts";
import type { Run } from "../../command-line/options.ts";
import { UserError } from "../../errors.ts";
import { readLock } from "../../models/lockfile.ts";
import { loadSpec } from "../../models/specs.ts";
import { print, printJson, table } from "../../output.ts";
import { jsonOption, type ModelsArgs, projectOf, projectOption } from "./options.ts";

export const builder = (yargs: Argv) =>
  yargs
    .positional("name", { type: "string", describe: "Name of a model [default: all]" })
    .option("config", projectOption)
    .option("json", jsonOption)
    .example(
      "$0 models verify",
      "exit code 1 when a file was damaged; it is set aside, and the next build fetches it again",
    );

/** There is a spec, and no size and sha256 of its files to compare the cache with. */
const notLocked = (name: string) =>
  new UserError(`${name} is not locked: models/lock.json has no size and sha256 of its files`, {
    hint: "Run: mkimage lock",
  });

export async function handler(args: ModelsArgs & { name?: string }, { signal }: Run): Promise<void> {
  const project = projectOf(args);
  const { models } = await readLock(project);
  if (args.name && !Object.hasOwn(models, args.name)) {
    // A name that has no spec either is told so, with the nearest one.
    await loadSpec(project, args.name);
    throw notLocked(args.name);
  }
  const results = [];
  for (const [model, { files }] of Object.entries(models)) {
    if (args.name && args.name !== model) continue;
    for (const [file, facts] of Object.entries(files)) {
      signal.throwIfAborted();
      results.push({ model, file, state: await verifyBlob(facts), sha256: facts.sha256 });
    }
  }
  if (args.json) printJson(results);
  else
    print(
      table([
        ["model", "file", "in cache"],
        ...results.map(({ model, file, state }) => [model, file, state]),
      ]),
    );
  const damaged = results.filter(({ state }) => state === "damaged");
  if (damaged.length === 0) return;
  throw new UserError(`${damaged.length} of ${results.length} files in ${cacheRoot()} were damaged`, {
    reason: "check",
    hint: `They are kept in ${rejectedPath("").replace(/\/$/, "")}; the next build fetches them again. Check the disk.`,
  });
}
