import { join } from "node:path";
import { ARCHES, PART_BASES } from "./catalog.ts";
import { UserError } from "./errors.ts";
import { type Image, pinned } from "./plan.ts";

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
}

/**
 * What Lambda takes: OCI media types, gzip layers (also those of the base), one manifest without index. To be appended
 * to an exporter; the same options for every exporter make the digests equal.
 */
export const LAMBDA_EXPORT = "oci-mediatypes=true,compression=gzip,force-compression=true";
const NO_ATTESTATIONS = ["type=provenance,disabled=true", "type=sbom,disabled=true"];

type Part = readonly [name: string, target: BakeTarget];

/** The targets that an image is joined from, by the names that its Dockerfile copies from. */
function partsOf(image: Image, { root, secrets = [] }: BakeOptions): Record<string, Part> {
  const { arch, bases, model, platform } = image;
  const { npmCpu, triplet } = ARCHES[arch];
  const node = pinned(bases.node);
  const recipe = (part: string, rest: Partial<BakeTarget>): BakeTarget => ({
    context: join(root, "images", part),
    dockerfile: join(root, "images", part, "Dockerfile"),
    ...rest,
    args: { NODE: node, ...rest.args },
  });
  const runtime = (rest: Partial<BakeTarget>) =>
    recipe("runtime", { context: join(root, "runtime"), ...(secrets.length > 0 ? { secret: secrets } : {}), ...rest });
  return {
    ...(bases.glibc && {
      glibc: [
        `glibc-${image.os}-${arch}`,
        recipe("glibc", {
          args: { GLIBC: pinned(bases.glibc), BASE: pinned(bases.os), TRIPLET: triplet },
          platforms: [platform],
        }),
      ],
    }),
    node: [`node-${arch}`, recipe("node", { platforms: [platform] })],
    rie: bases.rie
      ? [`rie-${arch}`, recipe("rie", { target: "with", args: { RIE: pinned(bases.rie) }, platforms: [platform] })]
      : ["rie-none", recipe("rie", { target: "without", args: { RIE: PART_BASES.rie } })],
    onnxruntime: [`onnxruntime-${arch}`, runtime({ target: "library", args: { CPU: npmCpu } })],
    model: [
      `model-${model.name.replaceAll(".", "_")}`,
      recipe("model", { contexts: { files: model.dir }, args: { MODEL: model.name } }),
    ],
    runtime: ["runtime", runtime({ target: "program" })],
  };
}

/** Names of the parts that an image is joined from, in the order of its layers above the base. */
export const partNames = (image: Image): string[] => Object.keys(partsOf(image, { root: "", output: () => "" }));

function imageTarget(image: Image, parts: Record<string, Part>, options: BakeOptions): BakeTarget {
  const { root, output, tag = ({ reference }) => reference } = options;
  return {
    context: join(root, "images", image.os),
    dockerfile: join(root, "images", image.os, "Dockerfile"),
    contexts: Object.fromEntries(Object.entries(parts).map(([name, [target]]) => [name, `target:${target}`])),
    args: {
      BASE: pinned(image.bases.os),
      MODEL: image.model.name,
      SOURCE_DATE_EPOCH: String(image.epoch),
    },
    labels: image.labels,
    platforms: [image.platform],
    tags: [tag(image)],
    output: [output(image)],
    attest: NO_ATTESTATIONS,
  };
}

const sameName = (target: string) =>
  new UserError(`Two different things to build would both be called "${target}"`, {
    hint: "Give the function or the model another name.",
  });

/**
 * The plan as one graph for `docker buildx bake`: a target per image, and one for each part that images share, so that
 * it is built, exported and pushed once. Pure.
 */
export function toBakeFile(images: readonly Image[], options: BakeOptions): BakeFile {
  const targets: Record<string, BakeTarget> = {};
  const add = (name: string, target: BakeTarget) => {
    if (JSON.stringify(targets[name] ?? target) !== JSON.stringify(target)) throw sameName(name);
    targets[name] = target;
  };
  for (const image of images) {
    const parts = partsOf(image, options);
    for (const [name, target] of Object.values(parts)) add(name, target);
    add(image.target, imageTarget(image, parts, options));
  }
  return { group: { default: { targets: images.map(({ target }) => target) } }, target: targets };
}
