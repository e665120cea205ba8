import {
  ARCHES,
  type Arch,
  names,
  QUANTIZATIONS,
  type Quantization,
  type QuantizationRow,
  type Recipe,
} from "../catalog.ts";
import { digestOf } from "../files/digest.ts";
import type { ReadyModel } from "../models/ready-model.ts";
import { type ModelReport, reportNotes } from "./model-report.ts";

/** A model in one number format, as an image carries it. */
export interface Variant extends ReadyModel {
  readonly quantization: Quantization;
  readonly arch: Arch;
  readonly recipe: Recipe;
  /** Name of its bake target: one for all architectures of equal recipes, so that they share its layer. */
  readonly target: string;
  /** What the stage that made it found; undefined before it has been made. */
  readonly report?: ModelReport | undefined;
}

const isShared = ({ recipes }: QuantizationRow): boolean =>
  new Set(names(ARCHES).map((arch) => JSON.stringify(recipes[arch]))).size === 1;

/** A model as the images of one architecture carry it. Pure. */
export function toVariant(
  model: ReadyModel,
  { quantization, arch }: { quantization: Quantization; arch: Arch },
): Variant {
  const row: QuantizationRow = QUANTIZATIONS[quantization];
  const suffix = isShared(row) ? "" : `-${arch}`;
  return {
    ...model,
    quantization,
    arch,
    recipe: row.recipes[arch],
    target: `model-${model.name}-${quantization}${suffix}`.replaceAll(".", "_"),
  };
}

/** Digest of everything of the project that the content of its layer follows from. */
export const layerDigest = ({ digest, samplesDigest, recipe }: Variant): string =>
  recipe.method === "static" ? digestOf([digest, samplesDigest]) : digest;

/** How figures and notes name it: `all-minilm-l6-v2 as int8`, for one architecture where they differ. */
export const variantTitle = ({ name, quantization }: Variant): string => `${name} as ${quantization}`;

/** What a person would not expect of a model in its number format, a line each. */
export function variantNotes({ quantization, report }: Variant): string[] {
  const { onlySize }: QuantizationRow = QUANTIZATIONS[quantization];
  return [
    ...(onlySize ? [`it saves size, not time: ${onlySize}`] : []),
    ...(report ? reportNotes(report) : []),
  ];
}
