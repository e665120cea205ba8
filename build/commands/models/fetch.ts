import type { Argv } from "yargs";
import { frozenOption, outsideOption, type Run } from "../../command-line/options.ts";
import { loadProject, prepareModels } from "../../command-line/prepare.ts";
import type { ConfigFlags } from "../../config/config.ts";
import { formatBytes, print, printJson, table } from "../../output.ts";
import { jsonOption, type ModelsArgs, projectOption } from "./options.ts";

export const builder = (yargs: Argv) =>
  yargs
    .option("config", projectOption)
    .option("frozen", frozenOption)
    .option("allow-outside", outsideOption)
    .option("json", jsonOption)
    .example("$0 models fetch", "for example to build without a network later")
    .example("$0 models fetch --frozen", "in CI: refuse a lock that is stale");

export async function handler(args: ModelsArgs & ConfigFlags, { signal }: Run): Promise<void> {
  const { models, lock } = await prepareModels(await loadProject(args), { ...args, signal });
  const fetched = Object.values(models).map(({ name, digest, dir }) => {
    const files = Object.values(lock.models[name]?.files ?? {});
    return {
      name,
      files: files.length,
      size: files.reduce((sum, { size }) => sum + size, 0),
      digest,
      directory: dir,
    };
  });
  if (args.json) return printJson(fetched);
  print(
    table([
      ["model", "files", "size", "directory"],
      ...fetched.map(({ name, files, size, directory }) => [
        name,
        String(files),
        formatBytes(size),
        directory,
      ]),
    ]),
  );
}
