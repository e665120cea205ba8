import { type BakeFile, type BakeTarget, makeBakeFile, type Part } from "../clients/bake-file.ts";
import { baseParts } from "../clients/buildx.ts";
import { openBases } from "../plan/found.ts";
import type { Base, Image } from "../plan/image.ts";
import type { Variant } from "../plan/variant.ts";
import {
  handlerParts,
  historyOf,
  imagingParts,
  modelTarget,
  NO_ATTESTATIONS,
  type PartOptions,
  partsOf,
  recipe,
  runtimePart,
  stackOf,
  systemParts,
  verifierPart,
} from "./targets.ts";

export type { BakeFile, BakeTarget };

export interface BakeOptions extends PartOptions {
  /** Exporter of each image, in the form of buildx's `--output`; images without one are only built. */
  readonly output: (image: Image) => string;
  /** Tag given by the exporter; default: the image's reference. */
  readonly tag?: (image: Image) => string;
  /** Attestations of each image, in the form of buildx's `--attest`; default: none, since Lambda takes no index. */
  readonly attest?: readonly string[];
  /** Whether the steps that join an image run again; those of its parts did so when its models were made. */
  readonly noCache?: boolean | undefined;
}

/**
 * What Lambda takes: OCI media types, gzip layers (also those of the base), one manifest without index. To be appended
 * to an exporter; the same options for every exporter make the digests equal. (No `compression-level`: the builder keeps
 * what it has packed before, at whatever level, and equal layers would have several digests.)
 */
export const LAMBDA_EXPORT = "oci-mediatypes=true,compression=gzip,force-compression=true";

/** Names of the parts that an image is joined from, in the order of its layers above the base. */
export const partNames = (image: Image): string[] => [
  ...Object.keys(partsOf(image, { root: "" })),
  ...imagingParts(image, { root: "" }).map(() => "imaging"),
  ...image.models.map(({ name }) => `model ${name}`),
  "runtime",
  ...(image.handler ? ["handler"] : []),
];

/** The image that answers with the default handling: what the user's is made of, or the one below its own handler. */
const functionTarget = (image: Image, below: string, options: BakeOptions): BakeTarget => ({
  ...recipe("system", options, { target: "function" }),
  contexts: { models: `target:${below}`, runtime: "target:runtime" },
  args: { MODEL: image.models[0].name, ...allowArgs(image), ...historyOf(image).args },
});

const allowArgs = ({ allow }: Image): Record<string, string> =>
  allow ? { ALLOW_SERVER_FACTS: String(allow.serverFacts), ALLOW_S3: allow.s3.join(",") } : {};

/** What makes a target an image for the user: labels, a name and an exporter. */
const exported = (
  image: Image,
  { output, tag = ({ reference }) => reference, attest = NO_ATTESTATIONS }: BakeOptions,
) => ({
  labels: image.labels,
  platforms: [image.platform],
  tags: [tag(image)],
  output: [output(image)],
  attest,
});

/** The image, and where it has a handler of its own the one below it. */
function imageParts(image: Image, below: string, options: BakeOptions): Part[] {
  const base = functionTarget(image, below, options);
  const [handler] = handlerParts(image, options).handler;
  if (!handler) return [[image.target, { ...base, ...exported(image, options) }]];
  const name = `${image.target}_runtime`;
  const contexts = { function: `target:${name}`, handler: `target:${handler[0]}` };
  const top = recipe("with-handler", options, { contexts, ...historyOf(image) });
  return [
    [name, { ...base, platforms: [image.platform] }],
    [image.target, { ...top, ...exported(image, options) }],
  ];
}

/** All targets that an image needs, each before those that copy from it. */
function targetsOf(image: Image, options: BakeOptions): Part[] {
  const anew = ([name, target]: Part): Part => [
    name,
    options.noCache ? { ...target, "no-cache": true } : target,
  ];
  const { bundler, handler } = handlerParts(image, options);
  const systems = systemParts(image, options);
  const system = systems.at(-1) ?? systems[0];
  const stack = stackOf(image, system, options);
  const [below] = stack.at(-1) ?? system;
  return [
    ...Object.values(partsOf(image, options)),
    ...imagingParts(image, options),
    verifierPart(image, options),
    ...image.models.map(
      (variant): Part => [
        variant.target,
        modelTarget(variant, image.bases.python, { ...options, target: "model" }),
      ],
    ),
    ...systems,
    ...stack.map(anew),
    runtimePart(image, options),
    ...bundler,
    ...handler,
    ...imageParts(image, below, options).map(anew),
  ];
}

/**
 * The plan as one graph for `docker buildx bake`: a target per image, and one for each part that images share, so that
 * it is built, exported and pushed once. Pure.
 */
export const toBakeFile = (images: readonly Image[], options: BakeOptions): BakeFile =>
  makeBakeFile(
    images.map(({ target }) => target),
    images.flatMap((image) => targetsOf(image, options)),
  );

export interface ReportOptions extends PartOptions {
  /** Exporter of a model's report. */
  readonly output: (variant: Variant) => string;
}

/** The models of a plan, each exporting its report. */
const reportsOf = (images: readonly Image[], options: ReportOptions): Part[] =>
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
  );

const namesOf = (parts: readonly Part[]) => parts.map(([name]) => name);

/**
 * All that images are joined from, made side by side: the models, each exporting its report, and into the cache the
 * systems with their parts, the runtime and the project's own handlers. Bases without a digest are asked for it. Pure.
 */
export function toPartsFile(images: readonly Image[], options: ReportOptions): BakeFile {
  const bases = baseParts(openBases(images));
  const reports = reportsOf(images, options);
  const tops = images
    .flatMap((image) => [
      ...systemParts(image, options),
      runtimePart(image, options),
      ...handlerParts(image, options).handler,
    ])
    .map(
      ([name, target]): Part => [name, { ...target, output: ["type=cacheonly"], attest: NO_ATTESTATIONS }],
    );
  const parts = images.flatMap((image) => [
    ...Object.values(partsOf(image, options)),
    ...handlerParts(image, options).bundler,
    ...imagingParts(image, options),
    verifierPart(image, options),
  ]);
  return makeBakeFile(namesOf([...bases, ...reports, ...tops]), [...bases, ...reports, ...parts, ...tops]);
}

/** A model that is to answer samples as the reference does. */
export interface Asked {
  readonly variant: Variant;
  readonly python: Base;
  /** Folder with samples.json. */
  readonly folder: string;
  /** Exporter of the replies. */
  readonly output: string;
}

/** The references of models, each exporting its replies. Pure. */
export function toReferenceFile(models: readonly Asked[], options: PartOptions): BakeFile {
  const parts = models.map(({ variant, python, folder, output }): Part => {
    const target = modelTarget(variant, python, { ...options, target: "reference", asked: folder });
    return [variant.target, { ...target, output: [output], attest: NO_ATTESTATIONS }];
  });
  return makeBakeFile(namesOf(parts), parts);
}
