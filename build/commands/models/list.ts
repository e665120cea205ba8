import type { Argv } from "yargs";
import { readLock } from "../../models/lockfile.ts";
import { modelState } from "../../models/model-state.ts";
import { listModels, loadSpecs } from "../../models/specs.ts";
import { formatBytes, print, printJson, say, table } from "../../output.ts";
import { jsonOption, type ModelsArgs, projectOf, projectOption } from "./options.ts";

export const builder = (yargs: Argv) =>
  yargs
    .option("config", projectOption)
    .option("json", jsonOption)
    .example("$0 models list", "a line per model: task, size, lock, cache, source");

export async function handler(args: ModelsArgs): Promise<void> {
  const project = projectOf(args);
  const lock = await readLock(project);
  const states = [];
  const specs = await loadSpecs(project, (await listModels(project)).sort());
  for (const [name, spec] of Object.entries(specs)) states.push(await modelState(name, spec, lock));
  if (args.json) return printJson(states);
  if (states.length === 0) return say("No models yet: mkimage models add hf:OWNER/NAME --task TASK");
  const rows = states.map(({ name, task, size, lock: state, cached, sources }) => [
    name,
    task,
    size > 0 ? formatBytes(size) : "",
    state,
    size === 0
      ? ""
      : cached === size
        ? "whole"
        : cached === 0
          ? "no"
          : `${Math.floor((cached / size) * 100)}%`,
    sources.join(", "),
  ]);
  print(table([["model", "task", "size", "lock", "in cache", "source"], ...rows]));
}
