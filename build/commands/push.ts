import type { Argv } from "yargs";
import { requirePacking } from "../builder/packing.ts";
import { makeParts } from "../builder/parts.ts";
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
import type { UserError } from "../errors.ts";
import { oneOf } from "../known-names.ts";
import { formatBytes, print, printJson } from "../output.ts";
import { nextCommand } from "../plan/build-command.ts";
import type { Image } from "../plan/image.ts";
import { attach } from "../registry/attach.ts";
import { checkEcrFlags, type Destination, destinationOf, Several } from "../registry/destinations.ts";
import { registriesOf } from "../registry/places.ts";
import { findSent, type Pushed, pushImages } from "../registry/push.ts";
import { createRepositories, findRepositories, type Repositories } from "../registry/repositories.ts";
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

export const registryOption = {
  array: true,
  string: true,
  requiresArg: true,
  description:
    "Where to push to, once or more: a region such as eu-west-1, a registry of ECR such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com, or any other one with what is before the repository's name, such as ghcr.io/OWNER [default: registries of mkimage.json, or the credentials' region]",
  coerce: (values: readonly string[] | undefined) =>
    values?.flatMap((value) => value.split(",")).filter(Boolean),
} as const;

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .option("frozen", frozenOption)
    .option("allow-outside", outsideOption)
    .option("registry", registryOption)
    .option("update-repository", updateOption)
    .option("fail-on", failOnOption)
    .options(attestOptions)
    .example("$0 push --arch arm64 --os alpine", "one image; built and tested first where it was not")
    .example(
      "$0 push --sbom --provenance",
      "with an SBOM and a provenance, which refer to each image's digest",
    )
    .example("$0 push --registry eu-west-1 --registry us-east-1", "the same images to two regions")
    .example("$0 push --registry ghcr.io/my-team", "to a registry that is not of ECR, with Docker's login")
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

interface PushArgs extends MatrixArgs, PushFlags {
  registry?: string[];
}

interface PushProjectOptions extends Run {
  readonly destinations: readonly Destination[];
  /** Of the project's images, those that are wanted; all of them without it. */
  readonly choose?: (images: Image[]) => Image[];
}

/**
 * Builds the images of a project, tests those that have not passed their test, and pushes those that a registry lacks: to
 * each registry the very images that were tested.
 * @returns what is in the registries, one after the other, and what stopped some of them while others went on
 */
export async function pushProject(
  project: Project,
  args: PushFlags,
  { destinations, signal, choose = (images) => images }: PushProjectOptions,
): Promise<{ pushed: Pushed[]; fault: UserError | undefined }> {
  const run = { signal, secrets: packageSecrets() };
  const { ecr: config } = project.config;
  const failOn = args.failOn === undefined ? config?.failOn : oneOf("severity", args.failOn, SEVERITIES);
  const names = project.config.functions.map(({ repository }) => repository);
  const each = new Several(destinations, signal);
  const found = await each.all(({ registry }) => findRepositories(names, registry));
  const foundAt = (to: Destination): Repositories => found.get(to) ?? new Map();
  await requirePacking();
  const images = await makeParts(choose(await prepareBuild(project, { ...args, signal })), run);
  const built = await buildPacked(images, run);
  await each.all((to) => findSent(built, { registry: to.registry, repositories: foundAt(to) }));
  const tested = await ensureTested(built, run);
  const wanted = attestationsOf(project.config.attestations, args);
  const update = args.updateRepository ?? false;
  const pushed = await each.all(async (to) => {
    const { registry, parts } = to;
    const repositories = parts
      ? await createRepositories(names, { ...parts, repositories: foundAt(to), config, update })
      : foundAt(to);
    const sent = await pushImages(tested, { ...run, registry, repositories });
    const images = await attach(sent, { ...run, registry, repositories, wanted });
    if (failOn && parts) await requireScans(images, failOn, { scans: parts.scans, signal });
    return images;
  });
  return { pushed: [...pushed.values()].flat(), fault: each.fault() };
}

/** The registries of a project's images, as the flag or mkimage.json says. @throws UserError (exit 2) */
export function destinationsOf(
  { config: { functions, registries, ecr } }: Project,
  { registry }: { readonly registry?: readonly string[] },
  signal: AbortSignal,
): Destination[] {
  const names = functions.map(({ repository }) => repository);
  return registriesOf(names, registry ?? registries).map((place) =>
    destinationOf(place, { signal, config: ecr }),
  );
}

export async function handler(args: PushArgs, { signal }: Run): Promise<void> {
  const project = await loadProject(args);
  requireVersion(project);
  const destinations = destinationsOf(project, args, signal);
  checkEcrFlags(destinations, args);
  const { pushed, fault } = await pushProject(project, args, { destinations, signal });
  if (args.json) printJson(pushed.map(summary));
  else showPushed(pushed, args, destinations);
  if (fault) throw fault;
}

function showPushed(pushed: readonly Pushed[], args: MatrixArgs, to: readonly Destination[]): void {
  const isForLambda = to.some(({ parts }) => parts);
  const next = [...(isForLambda ? ["deploy"] : []), "up"].map((command) => nextCommand(command, args));
  showClosing({ title: "Pushed images", rows: pushedTable(pushed), next });
  print(pushed.map(({ remote }) => remote).join("\n"));
}
