import type { Argv } from "yargs";
import { cacheRoot } from "../../cache/folders.ts";
import { findWaste, removeWaste, type Waste } from "../../cache/prune.ts";
import type { Run } from "../../command-line/options.ts";
import { UserError } from "../../errors.ts";
import { readLock } from "../../models/lockfile.ts";
import { formatBytes, print, printJson, table } from "../../output.ts";
import { jsonOption, type ModelsArgs, projectOf, projectOption } from "./options.ts";

export const builder = (yargs: Argv) =>
  yargs
    .option("days", {
      string: true,
      requiresArg: true,
      default: "30",
      description: "Keep what was used within this number of days",
    })
    .option("dry-run", { boolean: true, default: false, description: "Only print what would be removed" })
    .option("config", projectOption)
    .option("json", jsonOption)
    .example("$0 models prune --dry-run", "how much space can be freed?");

const KINDS = [
  "content",
  "folder",
  "unfinished",
  "rejected",
  "note",
] as const satisfies readonly Waste["kind"][];
const DAY = 24 * 60 * 60 * 1000;

export async function handler(
  args: ModelsArgs & { days: string; dryRun: boolean },
  { signal }: Run,
): Promise<void> {
  if (!/^\d+(?:\.\d+)?$/.test(args.days)) {
    throw new UserError(`--days: "${args.days}" is not valid: expected a number of days, 0 or more`);
  }
  const { models } = await readLock(projectOf(args));
  const keep = new Set(
    Object.values(models).flatMap(({ files }) => Object.values(files).map(({ sha256 }) => sha256)),
  );
  const waste = await findWaste({ since: Date.now() - Number(args.days) * DAY, keep });
  if (!args.dryRun) await removeWaste(waste, signal);
  const size = waste.reduce((sum, each) => sum + each.size, 0);
  if (args.json) return printJson({ cache: cacheRoot(), removed: !args.dryRun, size, waste });
  const rows = KINDS.map((kind) => {
    const mine = waste.filter((each) => each.kind === kind);
    return [kind, String(mine.length), formatBytes(mine.reduce((sum, each) => sum + each.size, 0))];
  });
  print(table([["kind", "count", "size"], ...rows]));
  print(`${args.dryRun ? "would free" : "freed"} ${formatBytes(size)} in ${cacheRoot()}`);
}
