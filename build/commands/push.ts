import type { Argv } from "yargs";
import { requirePacking } from "../builder/packing.ts";
import { makeParts } from "../builder/parts.ts";
import { Ecr } from "../clients/ecr.ts";
import { EcrScans } from "../clients/ecr-scans.ts";
import { EcrSettings } from "../clients/ecr-settings.ts";
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
import { attestationsOf } from "../config/attestations.ts";
import { SEVERITIES } from "../config/ecr.ts";
import { buildPacked } from "../engine/packed.ts";
import { oneOf } from "../known-names.ts";
import { formatBytes, print, printJson } from "../output.ts";
import { nextCommand } from "../plan/build-command.ts";
import type { Image } from "../plan/image.ts";
import { attach } from "../registry/attach.ts";
import { findSent, type Pushed, pushImages } from "../registry/push.ts";
import { createRepositories, findRepositories, registryOfNames } from "../registry/repositories.ts";
import { requireScans } from "../registry/scan.ts";
import { ensureTested } from "../smoke/ensure-tested.ts";

export const failOnOption = {
  string: true,
  requiresArg: true,
  description: `Wait for ECR's scan, and exit 1 for findings of this severity or a worse one: ${SEVERITIES.join(", ")} [default: ecr.failOn of mkimage.json, or none]`,
} as const;

export const updateOption = {
  boolean: true,
  default: false,
  description: "Give repositories that exist the settings of `ecr` in mkimage.json",
} as const;

export const attestOptions = {
  sbom: {
    boolean: true,
    description:
      "Send a list of what is in each image (SPDX) beside it [default: attestations.sbom of mkimage.json, or no]",
  },
  provenance: {
    boolean: true,
    description:
      "Send how each image was built (SLSA provenance) beside it [default: attestations.provenance of mkimage.json, or no]",
  },
} as const;

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .option("frozen", frozenOption)
    .option("allow-outside", outsideOption)
    .option("update-repository", updateOption)
    .option("fail-on", failOnOption)
    .options(attestOptions)
    .example("$0 push --arch arm64 --os alpine", "one image; built and tested first where it was not")
    .example(
      "$0 push --sbom --provenance",
      "with an SBOM and a provenance, which refer to each image's digest",
    )
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
  attestations,
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
  ...(attestations && { attestations }),
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

export interface PushFlags {
  readonly frozen?: boolean;
  readonly allowOutside?: boolean;
  readonly updateRepository?: boolean;
  readonly failOn?: string;
  readonly sbom?: boolean;
  readonly provenance?: boolean;
}

interface PushProjectOptions extends Run {
  readonly ecr: Ecr;
  readonly settings: EcrSettings;
  readonly scans: EcrScans;
  /** Of the project's images, those that are wanted; all of them without it. */
  readonly choose?: (images: Image[]) => Image[];
}

/** Builds the images of a project, tests those that have not passed their test, and pushes those that the registry lacks. */
export async function pushProject(
  project: Project,
  args: PushFlags,
  { ecr, settings, scans, signal, choose = (images) => images }: PushProjectOptions,
): Promise<Pushed[]> {
  const run = { signal, secrets: packageSecrets() };
  const { ecr: config } = project.config;
  const failOn = args.failOn === undefined ? config?.failOn : oneOf("severity", args.failOn, SEVERITIES);
  const names = project.config.functions.map(({ repository }) => repository);
  const found = { ecr, repositories: await findRepositories(names, ecr) };
  await requirePacking();
  const images = await makeParts(choose(await prepareBuild(project, { ...args, signal })), run);
  const built = await buildPacked(images, run);
  await findSent(built, found);
  const tested = await ensureTested(built, run);
  const repositories = await createRepositories(names, {
    ...found,
    settings,
    config,
    update: args.updateRepository ?? false,
  });
  const sent = await pushImages(tested, { ...run, ecr, repositories });
  const wanted = attestationsOf(project.config.attestations, args);
  const pushed = await attach(sent, { ...run, ecr, repositories, wanted });
  if (failOn) await requireScans(pushed, failOn, { scans, signal });
  return pushed;
}

export async function handler(args: MatrixArgs & PushFlags, { signal }: Run): Promise<void> {
  const project = await loadProject(args);
  requireVersion(project);
  const registry = registryOfNames(project.config.functions.map(({ repository }) => repository));
  const clients = {
    ecr: new Ecr(signal, registry),
    settings: new EcrSettings(signal, registry),
    scans: new EcrScans(signal, registry),
  };
  const pushed = await pushProject(project, args, { ...clients, signal });
  if (args.json) return printJson(pushed.map(summary));
  const next = ["deploy", "up"].map((command) => nextCommand(command, args));
  showClosing({ title: "Pushed images", rows: pushedTable(pushed), next });
  print(pushed.map(({ remote }) => remote).join("\n"));
}
