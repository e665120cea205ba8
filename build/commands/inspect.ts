import type { Argv } from "yargs";
import { requirePacking } from "../builder/packing.ts";
import { type Abi, names, osRow } from "../catalog.ts";
import { connectDocker } from "../clients/docker.ts";
import { type MatrixArgs, matrixOptions, onlyArch, type Run } from "../command-line/options.ts";
import { loadProject, planBuilt } from "../command-line/prepare.ts";
import { UserError } from "../errors.ts";
import { type Inspected, inspectImages } from "../inspect.ts";
import { counted, formatBytes, print, printJson, table } from "../output.ts";
import { findHeld, type Held } from "../registry/held.ts";
import type { FindOptions } from "../smoke/any-image.ts";
import { faultLines, type RuleResult, requireAll } from "../smoke/rules/rules.ts";
import { inspectAny } from "../smoke/test-any.ts";
import { destinationsOf, registryOption } from "./push.ts";

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .option("rules", {
      boolean: true,
      default: false,
      description: "Show what becomes of each rule for images that Lambda takes; exit 1 where one is broken",
    })
    .option("image", {
      string: true,
      requiresArg: true,
      description:
        "With --rules: this image in place of the project's, a reference, an OCI layout, or a tar of one",
    })
    .option("pushed", {
      boolean: true,
      default: false,
      description: "Show also which registries have the image, with its SBOM and provenance there",
    })
    .option("registry", {
      ...registryOption,
      description: "The same, and the registries to ask, as for `push`",
    })
    .example("$0 inspect --rules --image app:1", "any image")
    .example("$0 inspect --rules --arch arm64 --os alpine", "the rules for images")
    .example("$0 inspect --arch arm64 --os alpine", "one image")
    .example("$0 inspect --pushed --registry ghcr.io/my-team", "with what that registry has of it")
    .example("$0 inspect --json | jq '.[].size'", "packed sizes in bytes");

function abiLines({ abi, os }: Inspected): string[][] {
  const limits: Abi = osRow(os).abi;
  const needs = names(limits).map((name) => `${name} ${abi.newest[name] ?? "none"} of ${limits[name]}`);
  const verdict = abi.faults.length === 0 ? "ok" : `${abi.faults.length} faults`;
  const faults = abi.faults.map(({ file, needs: wanted, has }) => [
    "",
    `${file} needs ${wanted}, newest is ${has}`,
  ]);
  return [["libraries", `${verdict}: ${abi.files} ELF files need ${needs.join(", ")}`], ...faults];
}

function modelLines({ models, quantization }: Inspected): string[][] {
  return models.flatMap(({ name, figures, samples, notes }) => {
    const measured = Object.entries(figures).map(([figure, value]) => `${figure} ${value}`);
    return [
      ["model", `${name}, ${quantization}: ${measured.join(", ")} of ${counted(samples, "sample")}`],
      ...notes.map((note) => ["", note]),
    ];
  });
}

/** An image of the store, and where it has been pushed to, if that is asked for. */
interface Shown extends Inspected {
  readonly pushed?: readonly Held[];
}

function pushedLines({ pushed }: Shown): string[][] {
  if (!pushed) return [];
  if (pushed.length === 0) return [["pushed", "no"]];
  return pushed.flatMap(({ reference, attestations }) => [
    ["pushed", reference],
    ...Object.entries(attestations).map(([kind, digest]) => ["", `${kind} ${digest}`]),
  ]);
}

function describeImage(image: Shown): string {
  const { base } = image;
  const width = Math.max(...image.layers.map(({ part }) => part.length));
  const rows = [
    ["image", image.reference],
    ["platform", image.platform],
    ["digest", image.digest],
    [
      "config",
      `${image.configDigest}${image.current ? "" : "  (the store has an older one: run mkimage build)"}`,
    ],
    ["base", `${base.reference}${base.digest ? `@${base.digest}` : ""}`],
    ...(image.standIn ? [["", image.standIn]] : []),
    ["node", image.node ?? "unknown"],
    ...modelLines(image),
    ...abiLines(image),
    ["packed", formatBytes(image.size)],
    ...image.layers.map(({ part, digest, size }) => [
      "",
      `${formatBytes(size).padStart(8)}  ${part.padEnd(width)} ${digest}`,
    ]),
    ...pushedLines(image),
  ];
  return table(rows);
}

export interface InspectArgs extends MatrixArgs {
  rules: boolean;
  image?: string;
  pushed: boolean;
  registry?: string[];
}

/** A rule with what becomes of it, and below it its faults with the cure. */
function ruleLines(result: RuleResult): string[][] {
  const { faults, status, level, name, rule, why, source, cure } = result;
  const mark = { kept: "✓", unknown: "–", broken: level === "advice" ? "!" : "✗" }[status];
  const further = [...faultLines({ faults }), why, cure, source].map((line) => ["", "", line]);
  return [
    [mark, name, status === "unknown" ? `${rule} (not known before it is pushed)` : rule],
    ...(status === "broken" ? further : []),
  ];
}

const describeRules = ({ reference, rules }: Pick<Inspected, "reference" | "rules">): string =>
  `${reference}\n${table(rules.flatMap(ruleLines))}`;

/** The rules with any image. */
async function showRules(reference: string, args: InspectArgs, options: FindOptions): Promise<void> {
  if (!args.rules) {
    throw new UserError("--image is for --rules: of other images than the project's no more is known", {
      hint: `Run: mkimage inspect --rules --image ${reference}`,
    });
  }
  const inspected = await inspectAny(reference, options);
  if (args.json) printJson([inspected]);
  else print(describeRules(inspected));
  requireAll([inspected]);
}

export async function handler(args: InspectArgs, { signal }: Run): Promise<void> {
  const docker = await connectDocker();
  if (args.image) return showRules(args.image, args, { docker, signal, arch: onlyArch(args) });
  await requirePacking();
  const project = await loadProject(args);
  const isAsked = args.pushed || args.registry !== undefined;
  if (isAsked && args.rules)
    throw new UserError("--pushed and --registry are not for --rules, which are about the image alone", {
      hint: "Run the command once with each.",
    });
  const destinations = isAsked ? destinationsOf(project, args, signal) : [];
  const images = await planBuilt(project, signal);
  const inspected: Shown[] = await inspectImages(docker, images);
  if (isAsked) {
    for (const [index, image] of images.entries()) {
      const shown = inspected[index] as Shown;
      inspected[index] = { ...shown, pushed: await findHeld(image, shown.digest, { destinations, signal }) };
    }
  }
  if (args.json) printJson(inspected);
  else print(inspected.map(args.rules ? describeRules : describeImage).join("\n\n"));
  if (args.rules) requireAll(inspected);
}
