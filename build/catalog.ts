/**
 * Every table of names: operating systems, architectures, quantizations. Types, command line choices, schemas, the
 * matrix and the documentation are derived from these rows, and nothing else knows the names.
 */

/** CPU architectures a Lambda function can run on, with what each neighbour calls them. */
export const ARCHES = {
  arm64: {
    platform: "linux/arm64",
    lambda: "arm64",
    npmCpu: "arm64",
    triplet: "aarch64-linux-gnu",
  },
  amd64: {
    platform: "linux/amd64",
    lambda: "x86_64",
    npmCpu: "x64",
    triplet: "x86_64-linux-gnu",
  },
} as const;
export type Arch = keyof typeof ARCHES;

/** The newest symbol versions that an operating system's C and C++ libraries define. */
export interface Abi {
  readonly GLIBC: string;
  readonly GLIBCXX: string;
  readonly CXXABI: string;
}

export interface OsRow {
  readonly title: string;
  /** Default base image; `--base` and mkimage.json replace it. */
  readonly base: string;
  /** What programs in the image may ask of the C and C++ libraries. */
  readonly abi: Abi;
  /** The system has another C library: glibc from PART_BASES is put beside it, and `abi` is that one's. */
  readonly addGlibc?: true;
}

/** Bases that are not an operating system of the matrix: where Node, the RIE, glibc and the stage's Python are taken from. */
export const PART_BASES = {
  node: "node:24-trixie-slim",
  rie: "public.ecr.aws/lambda/provided:al2023",
  glibc: "debian:trixie-slim",
  python: "python:3.13-slim-trixie",
} as const;
export type PartBase = keyof typeof PART_BASES;

/** Bases of images that `mkimage bench` measures for comparison (images/baseline-*). */
export const BASELINE_BASES = { python: "public.ecr.aws/lambda/python:3.13" } as const;

/** What is taken from them. */
export const PART_TITLES: Readonly<Record<PartBase, string>> = {
  node: "Node.js",
  rie: "the emulator",
  glibc: "glibc for Alpine",
  python: "the stage that makes the model",
};

const TRIXIE_ABI: Abi = { GLIBC: "2.41", GLIBCXX: "3.4.33", CXXABI: "1.3.15" };

/** Operating systems: a row here is all that one needs; images/system/Dockerfile is every system's. */
export const OSES = {
  amazonlinux: {
    title: "Amazon Linux 2023",
    base: "public.ecr.aws/lambda/provided:al2023",
    abi: { GLIBC: "2.34", GLIBCXX: "3.4.29", CXXABI: "1.3.13" },
  },
  debian: { title: "Debian 13", base: "debian:trixie-slim", abi: TRIXIE_ABI },
  ubuntu: {
    title: "Ubuntu 24.04",
    base: "ubuntu:24.04",
    abi: { GLIBC: "2.39", GLIBCXX: "3.4.33", CXXABI: "1.3.15" },
  },
  alpine: { title: "Alpine 3.23", base: "alpine:3.23", abi: TRIXIE_ABI, addGlibc: true },
} as const satisfies Record<string, OsRow>;
export type Os = keyof typeof OSES;

/** The row of an operating system, typed by what every row may have. */
export const osRow = (os: Os): OsRow => OSES[os];

interface AnyRecipe {
  /** When ONNX Runtime optimizes the graph: after the method, before it, or not at all. */
  readonly optimize: "after" | "before" | "never";
  /** Settings of the ONNX Runtime session that optimizes. */
  readonly session?: Readonly<Record<string, string>>;
}

interface Integers {
  /** A scale for each column of a weight, not one for all of it. */
  readonly perChannel: boolean;
  /** 7 of the 8 bits: products of the full range overflow on x86 CPUs without VNNI. */
  readonly reduceRange: boolean;
}

interface Blocks {
  readonly bits: 4 | 8;
  /** How many weights share a scale, by operator. */
  readonly blockSizes: Readonly<Record<string, 16 | 32 | 64 | 128>>;
  /** 4: activations are taken as 8 bits, so that the product is one of integers. */
  readonly accuracyLevel: 0 | 4;
}

/**
 * How the stage in images/model makes a graph, by a method of recipes.py, which reads these fields as they are. `keep`
 * changes no number, so the result has to answer as its source does.
 */
export type Recipe = AnyRecipe &
  (
    | { readonly method: "keep" | "float16" }
    | ({ readonly method: "dynamic" } & Integers)
    | ({ readonly method: "static"; readonly activations: "QInt8" | "QUInt8" } & Integers)
    | ({ readonly method: "nbits" } & Blocks)
  );

export interface QuantizationRow {
  /** Where people choose one: help, references, the editor's schema. */
  readonly title: string;
  /** When to take it, for the reference. */
  readonly whenToUse: string;
  /** Why it is smaller and not faster, where that is so on every CPU. */
  readonly onlySize?: string;
  readonly recipes: Readonly<Record<Arch, Recipe>>;
}

const everywhere = (recipe: Recipe): Record<Arch, Recipe> => ({ arm64: recipe, amd64: recipe });
const DYNAMIC = { method: "dynamic", optimize: "after", perChannel: true } as const;
const STATIC = { method: "static", optimize: "after", perChannel: true } as const;

/** Number formats of a model's weights. The default has no suffix in an image's tag. */
export const QUANTIZATIONS = {
  fp32: {
    title: "32-bit floating point, as exported",
    whenToUse: "First, and as what the others are compared with. It changes no answer.",
    recipes: everywhere({ method: "keep", optimize: "after" }),
  },
  fp16: {
    title: "16-bit floating point: half the size, computed in 32 bits",
    whenToUse: "When the image has to be smaller, and `int8` falls below the gate.",
    onlySize: "CPUs compute it in 32 bits, and its session takes longer to open",
    recipes: everywhere({ method: "float16", optimize: "before" }),
  },
  int8: {
    title: "8-bit integers, activations scaled while running: for transformers",
    whenToUse:
      "For encoders and decoders of text: a quarter of the size and the fastest. The usual choice where the gate passes.",
    recipes: { arm64: { ...DYNAMIC, reduceRange: false }, amd64: { ...DYNAMIC, reduceRange: true } },
  },
  "int8-static": {
    title: "8-bit integers, activations scaled by the spec's samples: for convolutional networks",
    whenToUse:
      "For image models of convolutions, whose layers `int8` leaves alone. Needs samples that are like what is sent later.",
    recipes: {
      arm64: {
        ...STATIC,
        reduceRange: false,
        activations: "QInt8",
        session: { "session.qdqisint8allowed": "1" },
      },
      amd64: {
        ...STATIC,
        reduceRange: true,
        activations: "QUInt8",
        session: { "session.qdqisint8allowed": "0" },
      },
    },
  },
  int4: {
    title: "4-bit weights in blocks: the smallest",
    whenToUse: "For large text models, where memory and the time to load count more than the last digits.",
    recipes: everywhere({
      method: "nbits",
      optimize: "after",
      bits: 4,
      // Products in blocks of 16 have no kernel for AVX2, and are slower there than those in 32 bits.
      blockSizes: { MatMul: 32, Gather: 16 },
      accuracyLevel: 4,
    }),
  },
  prequantized: {
    title: "as the source ships it",
    whenToUse: "When the source has a graph that is quantized already, such as `onnx/model_quantized.onnx`.",
    recipes: everywhere({ method: "keep", optimize: "never" }),
  },
} as const satisfies Record<string, QuantizationRow>;
export type Quantization = keyof typeof QUANTIZATIONS;
export const DEFAULT_QUANTIZATION: Quantization = "fp32";

/** Every number format with its title: `fp32 (32-bit …), fp16 (…)`. */
export const quantizationTitles = (): string =>
  names(QUANTIZATIONS)
    .map((name) => `${name} (${QUANTIZATIONS[name].title})`)
    .join(", ");

/** The oldest versions that do what is asked of them. */
export const AT_LEAST = { buildx: "0.19", buildkit: "0.13" } as const;

/** The keys of a table as a non-empty tuple, in the order of its rows: what zod's `enum` and yargs' `choices` take. */
export function names<T extends object>(table: T): [keyof T & string, ...(keyof T & string)[]] {
  return Object.keys(table) as [keyof T & string, ...(keyof T & string)[]];
}
