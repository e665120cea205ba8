import type { Argv } from "yargs";
import { toBakeFile } from "../bake/bake.ts";
import type { Built } from "../builder/built.ts";
import { buildToLayouts, outputDirectory, refuseForeign } from "../builder/layouts.ts";
import { requirePacking } from "../builder/packing.ts";
import { makeParts } from "../builder/parts.ts";
import { builtTable, printReferences, showClosing } from "../command-line/closing.ts";
import {
  frozenOption,
  type MatrixArgs,
  matrixOptions,
  outsideOption,
  type Run,
} from "../command-line/options.ts";
import { loadProject, prepareBuild } from "../command-line/prepare.ts";
import { packageSecrets } from "../command-line/run.ts";
import { buildToStore } from "../engine/store.ts";
import { printJson } from "../output.ts";
import { nextCommand } from "../plan/build-command.ts";
import { TOOL_ROOT } from "../tool-root.ts";

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .option("frozen", frozenOption)
    .option("allow-outside", outsideOption)
    .option("print", {
      boolean: true,
      default: false,
      description: "Print the bake file that a build runs; nothing is built, fetched or locked",
    })
    .option("output", {
      string: true,
      requiresArg: true,
      description: "oci=DIR: write OCI layouts DIR/<os>-<arch> instead",
    })
    .option("cache", {
      boolean: true,
      default: true,
      description: "Use BuildKit's cache; --no-cache does not",
    })
    .example("$0 build", "every cell: operating systems × architectures")
    .example("$0 build --arch arm64 --os alpine", "one cell")
    .example("$0 build --os debian --base debian=debian:bookworm-slim", "another base image")
    .example("$0 build --print | docker buildx bake -f - --print", "what bake makes of it");

export interface BuildArgs extends MatrixArgs {
  print: boolean;
  output?: string;
  cache: boolean;
  frozen?: boolean;
}

const summary = ({ name, function: owner, reference, platform, models, digest, configDigest }: Built) => ({
  function: owner,
  name,
  reference,
  platform,
  models: models.map(({ name, quantization, report }) => ({ name, quantization, ...report })),
  ...(digest && { digest }),
  configDigest,
});

export async function handler(args: BuildArgs, { signal }: Run): Promise<void> {
  const secrets = packageSecrets();
  const project = await loadProject(args);
  if (args.print) {
    const images = await prepareBuild(project, { ...args, signal, frozen: true, offline: true });
    printJson(toBakeFile(images, { root: TOOL_ROOT, output: () => "type=docker", secrets }));
    return;
  }
  const run = { signal, secrets, noCache: !args.cache };
  const directory = args.output === undefined ? undefined : outputDirectory(args.output);
  if (directory) await requirePacking();
  const planned = await prepareBuild(project, { ...args, signal });
  // Models take longest: what is in the way is said before.
  if (directory) await refuseForeign(planned, directory);
  const images = await makeParts(planned, run);
  const built = args.output
    ? await buildToLayouts(images, args.output, run)
    : await buildToStore(images, run);
  if (args.json) return printJson(built.map(summary));
  const next = args.output
    ? []
    : ["test", "push"].map((command) => nextCommand(command, project.config.flags));
  showClosing({ title: "Built images", rows: builtTable(built), next });
  printReferences(
    built.map(({ reference }) => reference),
    args,
  );
}
