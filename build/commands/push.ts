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
import { loadProject, prepareBuild, requireVersion } from "../command-line/prepare.ts";
import { packageSecrets } from "../command-line/run.ts";
import { buildPacked } from "../engine/packed.ts";
import { megabytes, print, printJson } from "../output.ts";
import { nextCommand } from "../plan/build-command.ts";
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
    packed === undefined ? "–" : megabytes(packed),
    tag,
    sent ? "pushed" : "already there",
  ]),
];

export async function handler(args: MatrixArgs & { frozen?: boolean }, { signal }: Run): Promise<void> {
  const run = { signal, secrets: packageSecrets() };
  const project = await loadProject(args);
  requireVersion(project);
  const names = project.config.functions.map(({ repository }) => repository);
  const ecr = new Ecr(signal, registryOfNames(names));
  const found = { ecr, repositories: await findRepositories(names, ecr) };
  await requirePacking();
  const images = await makeParts(await prepareBuild(project, { ...args, signal }), run);
  const built = await buildPacked(images, run);
  await findSent(built, found);
  const tested = await ensureTested(built, run);
  const repositories = await createRepositories(names, found);
  const pushed = await pushImages(tested, { ...run, ecr, repositories });
  if (args.json) return printJson(pushed.map(summary));
  const next = ["deploy", "up"].map((command) => nextCommand(command, args));
  showClosing({ title: "Pushed images", rows: pushedTable(pushed), next });
  print(pushed.map(({ remote }) => remote).join("\n"));
}
