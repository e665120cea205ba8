import type { Argv } from "yargs";
import { publicSource } from "../../../models/public-url.ts";
import type { ModelSpec } from "../../../models/spec.ts";
import { hasBlob } from "../../cache/blobs.ts";
import { readLock } from "../../models/lockfile.ts";
import { modelState } from "../../models/model-state.ts";
import { loadSpec, staleFiles } from "../../models/specs.ts";
import { formatBytes, print, printJson, table } from "../../output.ts";
import { jsonOption, type ModelsArgs, projectOf, projectOption } from "./options.ts";

export const builder = (yargs: Argv) =>
  yargs
    .positional("name", { type: "string", demandOption: true, describe: "Name of a spec in models/" })
    .option("config", projectOption)
    .option("json", jsonOption)
    .example("$0 models show all-minilm-l6-v2", "commit, and every file with its sha256");

/** A spec without the queries of its sources. */
const publicSpec = (spec: ModelSpec): ModelSpec =>
  JSON.parse(JSON.stringify(spec), (key, value) =>
    key === "source" && typeof value === "string" ? publicSource(value) : value,
  );

export async function handler(args: ModelsArgs & { name: string }): Promise<void> {
  const project = projectOf(args);
  const spec = await loadSpec(project, args.name);
  const lock = await readLock(project);
  const state = await modelState(args.name, spec, lock);
  const files = lock.models[args.name]?.files ?? {};
  const stale = state.lock === "missing" ? {} : staleFiles(spec, lock.models[args.name]);
  if (args.json) return printJson({ ...state, spec: publicSpec(spec), files, stale });
  const facts: [string, string | undefined][] = [
    ["model", state.name],
    ["description", spec.description],
    ["task", state.task],
    ["license", state.license],
    ["longest input", `${spec.maxTokens} tokens`],
    ...Object.entries(state.commits).map(([source, commit]): [string, string] => [
      source,
      `commit ${commit}`,
    ]),
    ["lock", state.lock],
    ["size", `${formatBytes(state.size)}, ${formatBytes(state.cached)} in the cache`],
  ];
  print(table(facts.flatMap(([key, value]) => (value ? [[key, value]] : []))));
  const rows = await Promise.all(
    Object.entries(files).map(async ([path, file]) => [
      path,
      formatBytes(file.size),
      file.sha256.slice(0, 12),
      (await hasBlob(file)) ? "yes" : "no",
      `${file.source} ${file.path}`,
    ]),
  );
  if (rows.length > 0) print(`\n${table([["file", "size", "sha256", "in cache", "from"], ...rows])}`);
  for (const [path, what] of Object.entries(stale)) print(`stale: ${path} ${what}`);
}
