import type { Argv } from "yargs";
import { requirePacking } from "../builder/packing.ts";
import { makeParts } from "../builder/parts.ts";
import { Ecr } from "../clients/ecr.ts";
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
import { print, printJson, say } from "../output.ts";
import { findSent, type Pushed, pushImages } from "../registry/push.ts";
import { createRepositories, findRepositories } from "../registry/repositories.ts";
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

export async function handler(args: MatrixArgs & { frozen?: boolean }, { signal }: Run): Promise<void> {
  const run = { signal, secrets: packageSecrets() };
  const ecr = new Ecr(signal);
  const project = await loadProject(args);
  requireVersion(project);
  const names = project.config.functions.map(({ repository }) => repository);
  const found = { ecr, repositories: await findRepositories(names, ecr) };
  await requirePacking();
  const images = await makeParts(await prepareBuild(project, { ...args, signal }), run);
  const built = await buildPacked(images, run);
  await findSent(built, found);
  const tested = await ensureTested(built, run);
  const repositories = await createRepositories(names, found);
  const pushed = await pushImages(tested, { ...run, ecr, repositories });
  for (const { remote, tag, sent } of pushed) say(`${sent ? "pushed" : "already there:"} ${remote}  ${tag}`);
  if (args.json) return printJson(pushed.map(summary));
  print(pushed.map(({ remote }) => remote).join("\n"));
}
