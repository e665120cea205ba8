import type { Argv } from "yargs";
import { requirePacking } from "../builder/packing.ts";
import { makeParts } from "../builder/parts.ts";
import { Ecr } from "../clients/ecr.ts";
import { showClosing } from "../command-line/closing.ts";
import {
  frozenOption,
  type MatrixArgs,
  matrixOptions,
  outsideOption,
  type Run,
} from "../command-line/options.ts";
import { loadProject, type Project, prepareBuild, requireVersion } from "../command-line/prepare.ts";
import { packageSecrets } from "../command-line/run.ts";
import { buildPacked } from "../engine/packed.ts";
import { formatBytes, print, printJson } from "../output.ts";
import { nextCommand } from "../plan/build-command.ts";
import type { Image } from "../plan/image.ts";
import { findSent, type Pushed, pushImages } from "../registry/push.ts";
import { createRepositories, findRepositories, registryOfNames } from "../registry/repositories.ts";
import { ensureTested } from "../smoke/ensure-tested.ts";

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .option("frozen", frozenOption)
    .option("allow-outside", outsideOption)
    .example("$0 push --arch arm64 --os alpine", "one image; built and tested first where it was not")
    .example("ref=$($0 push --arch arm64 --os alpine)", "for what comes next: stdout is the reference alone");

const summary = ({
  name,
  function: owner,
  remote,
  repository,
  tag,
  platform,
  digest,
  configDigest,
  sent,
}: Pushed) => ({
  function: owner,
  name,
  reference: remote,
  repository,
  tag,
  platform,
  digest,
  configDigest,
  sent,
});

const pushedTable = (pushed: readonly Pushed[]): string[][] => [
  ["image", "packed", "tag", "registry"],
  ...pushed.map(({ reference, packed, tag, sent }) => [
    reference,
    packed === undefined ? "–" : formatBytes(packed),
    tag,
    sent ? "pushed" : "already there",
  ]),
];

interface PushProjectOptions extends Run {
  readonly ecr: Ecr;
  /** Of the project's images, those that are wanted; all of them without it. */
  readonly choose?: (images: Image[]) => Image[];
}

/** Builds the images of a project, tests those that have not passed their test, and pushes those that the registry lacks. */
export async function pushProject(
  project: Project,
  args: { readonly frozen?: boolean; readonly allowOutside?: boolean },
  { ecr, signal, choose = (images) => images }: PushProjectOptions,
): Promise<Pushed[]> {
  const run = { signal, secrets: packageSecrets() };
  const names = project.config.functions.map(({ repository }) => repository);
  const found = { ecr, repositories: await findRepositories(names, ecr) };
  await requirePacking();
  const images = await makeParts(choose(await prepareBuild(project, { ...args, signal })), run);
  const built = await buildPacked(images, run);
  await findSent(built, found);
  const tested = await ensureTested(built, run);
  const repositories = await createRepositories(names, found);
  return pushImages(tested, { ...run, ecr, repositories });
}

export async function handler(args: MatrixArgs & { frozen?: boolean }, { signal }: Run): Promise<void> {
  const project = await loadProject(args);
  requireVersion(project);
  const ecr = new Ecr(signal, registryOfNames(project.config.functions.map(({ repository }) => repository)));
  const pushed = await pushProject(project, args, { ecr, signal });
  if (args.json) return printJson(pushed.map(summary));
  const next = ["deploy", "up"].map((command) => nextCommand(command, args));
  showClosing({ title: "Pushed images", rows: pushedTable(pushed), next });
  print(pushed.map(({ remote }) => remote).join("\n"));
}
