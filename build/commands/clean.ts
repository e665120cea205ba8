import type { Argv } from "yargs";
import { Ecr, type RegistryImage } from "../clients/ecr.ts";
import { Lambda } from "../clients/lambda.ts";
import { type MatrixArgs, matrixOptions, type Run } from "../command-line/options.ts";
import { loadConfig } from "../config/config.ts";
import { superfluousImages, superfluousVersions } from "../deploy/clean.ts";
import { UserError } from "../errors.ts";
import { counted, formatBytes, print, printJson, say } from "../output.ts";
import { registryOfNames } from "../registry/places.ts";
import { findRepository } from "../registry/repositories.ts";

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .option("keep", {
      string: true,
      requiresArg: true,
      default: "3",
      description: "How many of the newest versions, and images of each cell, stay beside those in use",
    })
    .option("images", {
      boolean: true,
      default: false,
      description: "Also remove images from the repository that no version of the function has",
    })
    .option("dry-run", { boolean: true, default: false, description: "Only print what would be removed" })
    .example("$0 clean --keep 3 --dry-run", "which versions would go?");

interface CleanArgs extends MatrixArgs {
  keep: string;
  images: boolean;
  dryRun: boolean;
}

interface Removed {
  readonly function: string;
  readonly versions: readonly string[];
  readonly images: readonly RegistryImage[];
}

/** Removes the versions that nothing names. @returns them, and the digests that those left have */
async function cleanVersions(
  lambda: Lambda,
  name: string,
  { keep, dryRun }: { keep: number; dryRun: boolean },
) {
  if (!(await lambda.findFunction(name))) return { versions: [], used: new Set<string>() };
  const published = await lambda.listVersions(name);
  const versions = superfluousVersions(published, { aliases: await lambda.listAliases(name), keep });
  const left = ["$LATEST", ...published.map(({ Version = "" }) => Version)].filter(
    (each) => !versions.includes(each),
  );
  const used = new Set<string>();
  for (const version of left) {
    const found = await lambda.findFunction(name, version);
    const digest = found?.image?.split("@")[1];
    if (digest) used.add(digest);
  }
  for (const version of versions) {
    say(`${name}: version ${version} ${dryRun ? "would go" : "goes"}`);
    if (!dryRun) await lambda.deleteVersion(name, version);
  }
  return { versions, used };
}

export async function handler(args: CleanArgs, { signal }: Run): Promise<void> {
  if (!/^\d{1,6}$/.test(args.keep))
    throw new UserError(`--keep: "${args.keep}" is not valid: expected a number, 0 or more`);
  const options = { keep: Number(args.keep), dryRun: args.dryRun };
  const { functions } = await loadConfig(args);
  const lambda = new Lambda(signal);
  const ecr = new Ecr(signal, registryOfNames(functions.map(({ repository }) => repository)));
  const removed: Removed[] = [];
  for (const { name, repository: repositoryName } of functions) {
    const { versions, used } = await cleanVersions(lambda, name, options);
    const repository = args.images ? await findRepository(repositoryName, ecr) : undefined;
    const images = repository
      ? superfluousImages(await ecr.listImages(repository), { used, keep: options.keep })
      : [];
    for (const { digest, tags, size } of images)
      say(
        `${repository?.uri}@${digest} ${tags.join(", ")} (${formatBytes(size)}) ${args.dryRun ? "would go" : "goes"}`,
      );
    if (repository && images.length > 0 && !args.dryRun)
      await ecr.deleteImages(
        repository,
        images.map(({ digest }) => digest),
      );
    removed.push({ function: name, versions, images });
  }
  if (args.json) return printJson(removed);
  const count = (of: "versions" | "images") => removed.reduce((sum, each) => sum + each[of].length, 0);
  print(
    `${args.dryRun ? "would remove" : "removed"} ${counted(count("versions"), "version")}, ${counted(count("images"), "image")}`,
  );
}
