import { createHash } from "node:crypto";
import { join } from "node:path";
import { taskRow } from "../../models/tasks.ts";
import { ARCHES, PART_BASES } from "../catalog.ts";
import type { BakeTarget, Part } from "../clients/bake-file.ts";
import { npmSecrets } from "../clients/npm.ts";
import { gateLimits } from "../models/repository/gate.ts";
import type { Base, Image } from "../plan/image.ts";
import { pinned } from "../plan/plan.ts";
import type { Variant } from "../plan/variant.ts";

type Parts = Readonly<Record<string, Part>>;

export interface PartOptions {
  /** Folder that holds images/ and runtime/. */
  readonly root: string;
  /** BuildKit secrets of the steps that fetch packages, in the form of buildx's `--secret`. */
  readonly secrets?: readonly string[];
}

/** Without the attestations that buildx would add by itself. */
export const NO_ATTESTATIONS = ["type=provenance,disabled=true", "type=sbom,disabled=true"];

/** What a target needs that fetches packages. */
export const fetching = ({ secrets = [] }: PartOptions): Partial<BakeTarget> =>
  secrets.length > 0 ? { secret: secrets } : {};

/** A target of images/<part>/Dockerfile. */
export const recipe = (part: string, { root }: PartOptions, rest: Partial<BakeTarget>): BakeTarget => ({
  context: join(root, "images", part),
  dockerfile: join(root, "images", part, "Dockerfile"),
  ...rest,
});

/** What every system carries below the models, by the names that images/system/Dockerfile copies from. */
export function partsOf({ arch, bases, os, platform }: Image, options: PartOptions): Parts {
  const { npmCpu, triplet } = ARCHES[arch];
  const part = (name: string, rest: Partial<BakeTarget>) =>
    recipe(name, options, { ...rest, args: { NODE: pinned(bases.node), ...rest.args } });
  /** A library that the program loads, for one platform. */
  const native = (target: string): Part => [
    `${target}-${arch}`,
    runtimeTarget(bases.node, options, { target, args: { CPU: npmCpu } }),
  ];
  return {
    ...(bases.glibc && {
      glibc: [
        `glibc-${os}-${arch}`,
        part("glibc", {
          args: { GLIBC: pinned(bases.glibc), BASE: pinned(bases.os), TRIPLET: triplet },
          platforms: [platform],
        }),
      ],
    }),
    node: [`node-${arch}`, part("node", { platforms: [platform] })],
    rie: bases.rie
      ? [
          `rie-${arch}`,
          part("rie", { target: "with", args: { RIE: pinned(bases.rie) }, platforms: [platform] }),
        ]
      : ["rie-none", part("rie", { target: "without", args: { RIE: PART_BASES.rie } })],
    onnxruntime: native("onnxruntime"),
    tokenizers: native("tokenizers"),
  };
}

/** What decodes images, for an image whose models have a task for them; its layer is above the system's. */
export function imagingParts({ arch, bases, models }: Image, options: PartOptions): Part[] {
  if (!models.some(({ spec }) => taskRow(spec.task).preprocessing === "images")) return [];
  const args = { CPU: ARCHES[arch].npmCpu };
  return [[`imaging-${arch}`, runtimeTarget(bases.node, options, { target: "imaging", args })]];
}

const runtimeTarget = (node: Base, options: PartOptions, rest: Partial<BakeTarget>): BakeTarget => ({
  ...recipe("runtime", options, { context: join(options.root, "runtime"), ...fetching(options), ...rest }),
  args: { NODE: pinned(node), ...rest.args },
});

interface ModelOptions extends PartOptions {
  /** The model in its layer, what was found when it was made, or the reference's replies. */
  readonly target: "model" | "report" | "reference";
  /** Of a reference: a folder with samples.json, what it is asked. */
  readonly asked?: string;
}

/** A stage of images/model for a model in its number format. */
export const modelTarget = (variant: Variant, python: Base, options: ModelOptions): BakeTarget =>
  recipe("model", options, {
    ...fetching(options),
    target: options.target,
    contexts: {
      files: variant.dir,
      samples: variant.samples,
      ...(options.asked === undefined ? { verifier: "target:verifier" } : { asked: options.asked }),
    },
    args: {
      PYTHON: pinned(python),
      MODEL: variant.name,
      QUANTIZATION: variant.quantization,
      RECIPE: JSON.stringify(variant.recipe),
      GATE: JSON.stringify({ kind: taskRow(variant.spec.task).gate, limits: gateLimits(variant) }),
    },
  });

const linked = (parts: Parts) =>
  Object.fromEntries(Object.entries(parts).map(([name, [target]]) => [name, `target:${target}`]));

/** Every target of an image's own history is of its platform and carries its time. */
export const historyOf = ({ platform, epoch }: Image) => ({
  platforms: [platform],
  args: { SOURCE_DATE_EPOCH: String(epoch) },
});

/** The system with its parts: what images have in common from below. The last one is what models stand on. */
export function systemParts(image: Image, options: PartOptions): [Part, ...Part[]] {
  const { os, arch, bases } = image;
  const history = historyOf(image);
  const system = recipe("system", options, {
    ...history,
    target: "system",
    contexts: linked(partsOf(image, options)),
    args: { BASE: pinned(bases.os), ...(bases.glibc && { LIBC: "with-glibc" }), ...history.args },
  });
  const bottom: Part = [`system-${os}-${arch}`, system];
  const above = imagingParts(image, options).map(([target]) =>
    joined(image, bottom, { by: "with-imaging", as: "imaging", target }, options),
  );
  return [bottom, ...above];
}

/** A program: made of the runtime's sources, and of what they share with the build. */
const programTarget = (node: Base, options: PartOptions, target: "program" | "verifier"): BakeTarget =>
  runtimeTarget(node, options, { target, contexts: { models: join(options.root, "models") } });

export const runtimePart = ({ bases }: Image, options: PartOptions): Part => [
  "runtime",
  programTarget(bases.node, options, "program"),
];

/** The program on the machine that builds, which is asked about every model. */
export const verifierPart = ({ bases }: Image, options: PartOptions): Part => [
  "verifier",
  programTarget(bases.node, options, "verifier"),
];

interface Layer {
  /** Folder of images/ with the Dockerfile that joins it. */
  readonly by: "with-imaging" | "with-model";
  /** What that Dockerfile calls it. */
  readonly as: "imaging" | "model";
  readonly target: string;
}

/** A layer on top of a target. */
function joined(image: Image, [below]: Part, { by, as, target }: Layer, options: PartOptions): Part {
  const contexts = { below: `target:${below}`, [as]: `target:${target}` };
  return [`${below}_${target}`, recipe(by, options, { ...historyOf(image), contexts })];
}

/** One target for each model, on top of the system and of those before. */
export function stackOf(image: Image, system: Part, options: PartOptions): Part[] {
  const stack: Part[] = [];
  for (const { target } of image.models) {
    const below = stack.at(-1) ?? system;
    stack.push(joined(image, below, { by: "with-model", as: "model", target }, options));
  }
  return stack;
}

/** Readable, and different for files whose names differ in a character that no target may have. */
function handlerTarget(file: string): string {
  const mark = createHash("sha256").update(file).digest("hex").slice(0, 8);
  return `handler-${file.replace(/[^A-Za-z0-9-]+/g, "_")}-${mark}`;
}

/** The project's own handler in its layer, and below it what bundles it; neither for an image without one. */
export function handlerParts(
  { bases, handler }: Image,
  options: PartOptions,
): Readonly<Record<"bundler" | "handler", readonly Part[]>> {
  if (!handler) return { bundler: [], handler: [] };
  const { file, npmrc, packages = "", sources } = handler;
  const own = npmrc ? npmSecrets("npmrc-project", npmrc) : [];
  const secrets = [...new Set([...(options.secrets ?? []), ...own])];
  const bundle = recipe("handler", options, {
    ...fetching({ ...options, secrets }),
    context: sources,
    contexts: { bundler: "target:bundler" },
    args: { HANDLER: file, PACKAGES: packages },
  });
  return {
    bundler: [["bundler", runtimeTarget(bases.node, options, { target: "bundler" })]],
    handler: [[handlerTarget(file), bundle]],
  };
}
