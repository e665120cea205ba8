import { join } from "node:path";
import { ARCHES, PART_BASES } from "./catalog.ts";
import { UserError } from "./errors.ts";
import { gateKind } from "./gate.ts";
import { type Base, type Image, pinned } from "./plan.ts";
import type { Variant } from "./variants.ts";

/** A target of a bake file, as `docker buildx bake` reads it: https://docs.docker.com/build/bake/reference/ */
export interface BakeTarget {
  readonly context: string;
  readonly dockerfile?: string;
  readonly "dockerfile-inline"?: string;
  readonly target?: string;
  readonly contexts?: Readonly<Record<string, string>>;
  readonly args?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly platforms?: readonly string[];
  readonly tags?: readonly string[];
  readonly output?: readonly string[];
  readonly attest?: readonly string[];
  readonly secret?: readonly string[];
  readonly "no-cache"?: boolean;
}

export interface BakeFile {
  readonly group: { readonly default: { readonly targets: readonly string[] } };
  readonly target: Readonly<Record<string, BakeTarget>>;
}

export interface BakeOptions {
  /** Folder that holds images/ and runtime/. */
  readonly root: string;
  /** Exporter of each image, in the form of buildx's `--output`; images without one are only built. */
  readonly output: (image: Image) => string;
  /** Tag given by the exporter; default: the image's reference. */
  readonly tag?: (image: Image) => string;
  /** BuildKit secrets of the steps that fetch packages, in the form of buildx's `--secret`. */
  readonly secrets?: readonly string[];
  /** Whether the steps that join an image run again; those of its parts did so when its models were made. */
  readonly noCache?: boolean | undefined;
}

/**
 * What Lambda takes: OCI media types, gzip layers (also those of the base), one manifest without index. To be appended
 * to an exporter; the same options for every exporter make the digests equal.
 */
export const LAMBDA_EXPORT = "oci-mediatypes=true,compression=gzip,force-compression=true";
const NO_ATTESTATIONS = ["type=provenance,disabled=true", "type=sbom,disabled=true"];

type Part = readonly [name: string, target: BakeTarget];
type Parts = Readonly<Record<string, Part>>;
type PartOptions = Pick<BakeOptions, "root" | "secrets">;

const fetching = ({ secrets = [] }: PartOptions): Partial<BakeTarget> =>
  secrets.length > 0 ? { secret: secrets } : {};

/** A target of images/<part>/Dockerfile. */
const recipe = (part: string, { root }: PartOptions, rest: Partial<BakeTarget>): BakeTarget => ({
  context: join(root, "images", part),
  dockerfile: join(root, "images", part, "Dockerfile"),
  ...rest,
});

/** What every system carries below the models, by the names that its Dockerfile copies from. */
function partsOf({ arch, bases, os, platform }: Image, options: PartOptions): Parts {
  const { npmCpu, triplet } = ARCHES[arch];
  const part = (name: string, rest: Partial<BakeTarget>) =>
    recipe(name, options, { ...rest, args: { NODE: pinned(bases.node), ...rest.args } });
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
    onnxruntime: [
      `onnxruntime-${arch}`,
      runtimeTarget(bases.node, options, { target: "library", args: { CPU: npmCpu } }),
    ],
  };
}

const runtimeTarget = (node: Base, options: PartOptions, rest: Partial<BakeTarget>): BakeTarget => ({
  ...recipe("runtime", options, { context: join(options.root, "runtime"), ...fetching(options), ...rest }),
  args: { NODE: pinned(node), ...rest.args },
});

/** A model in its layer (`model`), or what was found when it was made (`report`). */
const modelTarget = (
  variant: Variant,
  python: Base,
  options: PartOptions & { target: "model" | "report" },
): BakeTarget =>
  recipe("model", options, {
    ...fetching(options),
    target: options.target,
    contexts: { files: variant.dir, samples: variant.samples },
    args: {
      PYTHON: pinned(python),
      MODEL: variant.name,
      QUANTIZATION: variant.quantization,
      RECIPE: JSON.stringify(variant.recipe),
      GATE: JSON.stringify({ kind: gateKind(variant.spec.task), limits: variant.spec.gate }),
    },
  });

/** Names of the parts that an image is joined from, in the order of its layers above the base. */
export const partNames = (image: Image): string[] => [
  ...Object.keys(partsOf(image, { root: "" })),
  ...image.models.map(({ name }) => `model ${name}`),
  "runtime",
];

const linked = (parts: Parts) =>
  Object.fromEntries(Object.entries(parts).map(([name, [target]]) => [name, `target:${target}`]));

/** Every target of an image's own history is of its platform and carries its time. */
const historyOf = ({ platform, epoch }: Image) => ({
  platforms: [platform],
  args: { SOURCE_DATE_EPOCH: String(epoch) },
});

/** The system with its parts: what images have in common from below. */
function systemPart(image: Image, options: PartOptions): Part {
  const { os, arch, bases } = image;
  const history = historyOf(image);
  const system = recipe(os, options, {
    ...history,
    target: "system",
    contexts: linked(partsOf(image, options)),
    args: { BASE: pinned(bases.os), ...history.args },
  });
  return [`system-${os}-${arch}`, system];
}

const runtimePart = ({ bases }: Image, options: PartOptions): Part => [
  "runtime",
  runtimeTarget(bases.node, options, { target: "program" }),
];

/** One target for each model, on top of the system and of those before. */
function stackOf(image: Image, [system]: Part, options: PartOptions): Part[] {
  const stack: Part[] = [];
  for (const { target } of image.models) {
    const [below] = stack.at(-1) ?? [system];
    const contexts = { below: `target:${below}`, model: `target:${target}` };
    stack.push([`${below}_${target}`, recipe("with-model", options, { ...historyOf(image), contexts })]);
  }
  return stack;
}

function imageTarget(image: Image, below: string, options: BakeOptions): BakeTarget {
  const { output, tag = ({ reference }) => reference } = options;
  return {
    ...recipe(image.os, options, { target: "function" }),
    contexts: { models: `target:${below}`, runtime: "target:runtime" },
    args: { MODEL: image.models[0].name, SOURCE_DATE_EPOCH: String(image.epoch) },
    labels: image.labels,
    platforms: [image.platform],
    tags: [tag(image)],
    output: [output(image)],
    attest: NO_ATTESTATIONS,
  };
}

/** All targets that an image needs, each before those that copy from it. */
function targetsOf(image: Image, options: BakeOptions): Part[] {
  const anew = ([name, target]: Part): Part => [
    name,
    options.noCache ? { ...target, "no-cache": true } : target,
  ];
  const system = systemPart(image, options);
  const stack = stackOf(image, system, options);
  const [below] = stack.at(-1) ?? system;
  return [
    ...Object.values(partsOf(image, options)),
    ...image.models.map(
      (variant): Part => [
        variant.target,
        modelTarget(variant, image.bases.python, { ...options, target: "model" }),
      ],
    ),
    system,
    ...stack.map(anew),
    runtimePart(image, options),
    anew([image.target, imageTarget(image, below, options)]),
  ];
}

/** The same file with every text as it is: bake evaluates what is in `${…}` and `%{…}`, also in JSON. */
const literally = (file: BakeFile): BakeFile =>
  JSON.parse(JSON.stringify(file), (_, value) =>
    typeof value === "string" ? value.replace(/[$%](?=\{)/g, "$&$&") : value,
  );

const sameName = (target: string) =>
  new UserError(`Two different things to build would both be called "${target}"`, {
    hint: "Give the function or the model another name.",
  });

/** Targets by name; two that are not the same may not have one name. */
function gather(parts: readonly Part[]): Record<string, BakeTarget> {
  const targets: Record<string, BakeTarget> = {};
  for (const [name, target] of parts) {
    if (JSON.stringify(targets[name] ?? target) !== JSON.stringify(target)) throw sameName(name);
    targets[name] = target;
  }
  return targets;
}

/**
 * The plan as one graph for `docker buildx bake`: a target per image, and one for each part that images share, so that
 * it is built, exported and pushed once. Pure.
 */
export const toBakeFile = (images: readonly Image[], options: BakeOptions): BakeFile =>
  literally({
    group: { default: { targets: images.map(({ target }) => target) } },
    target: gather(images.flatMap((image) => targetsOf(image, options))),
  });

export interface ReportOptions extends PartOptions {
  /** Exporter of a model's report. */
  readonly output: (variant: Variant) => string;
}

/** Only the models of the plan, each exporting what was found when it was made. Pure. */
export function toReportFile(images: readonly Image[], options: ReportOptions): BakeFile {
  const target = gather(
    images.flatMap(({ models, bases }) =>
      models.map(
        (variant): Part => [
          variant.target,
          {
            ...modelTarget(variant, bases.python, { ...options, target: "report" }),
            output: [options.output(variant)],
            attest: NO_ATTESTATIONS,
          },
        ],
      ),
    ),
  );
  return literally({ group: { default: { targets: Object.keys(target) } }, target });
}

export interface PartsFileOptions extends ReportOptions {
  /** Exporter of the systems: one that keeps them in the cache. */
  readonly keep: string;
}

/**
 * All that images are joined from, made side by side: the models, each exporting its report, and into the cache the
 * systems with their parts and the runtime. Pure.
 */
export function toPartsFile(images: readonly Image[], options: PartsFileOptions): BakeFile {
  const models = toReportFile(images, options);
  const parts = images.flatMap((image) => Object.values(partsOf(image, options)));
  const tops = images
    .flatMap((image) => [systemPart(image, options), runtimePart(image, options)])
    .map(
      ([name, target]): Part => [name, { ...target, output: ["type=cacheonly"], attest: NO_ATTESTATIONS }],
    );
  const rest = literally({
    group: { default: { targets: [...new Set(tops.map(([name]) => name))] } },
    target: gather([...parts, ...tops]),
  });
  return {
    group: { default: { targets: [...models.group.default.targets, ...rest.group.default.targets] } },
    target: { ...models.target, ...rest.target },
  };
}
