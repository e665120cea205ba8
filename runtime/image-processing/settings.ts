import { FILTERS } from "./filters.ts";
import type { Extent } from "./pixels.ts";
import { type ProcessorClass, processorClass, type Size } from "./processors.ts";

/** The steps of preprocessing: the model's preprocessor_config.json, with the defaults of its class. */
export interface Settings {
  /** Absent when pictures keep their size. */
  readonly resize?: {
    readonly size: Size;
    readonly filter: number;
    readonly cropPct: number | undefined;
    readonly squeezedFrom: number | undefined;
  };
  /** Absent when nothing is cropped, or the crop follows from `resize`. */
  readonly crop?: Extent;
  /** The value of each byte, for red, green and blue. */
  readonly values: readonly Float32Array[];
  readonly flips: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** Settings that no image classifier of transformers uses; not supported. */
const UNSUPPORTED = ["do_pad", "do_color_quantize", "do_thumbnail", "do_align_long_axis", "size_divisor"];

/** @param config preprocessor_config.json, of current or old versions of transformers */
export function readSettings(config: Fields): Settings {
  const kind = processorClass(
    String(config["image_processor_type"] ?? config["feature_extractor_type"] ?? ""),
  );
  const odd = UNSUPPORTED.find((name) => config[name]);
  if (odd) throw wrong(odd, "is not supported");
  const filter = numberOf(config, "resample") ?? kind.resample;
  if (FILTERS[filter] === undefined) throw wrong("resample", `is ${filter}, and Pillow's filters are 0 to 5`);
  const cropPct = numberOf(config, "crop_pct") ?? kind.cropPct;
  const squeezedFrom = kind.squeezedFrom;
  const crops = flag(config, "do_center_crop", kind.crops ?? kind.crop !== undefined);
  return {
    ...(flag(config, "do_resize", true) && {
      resize: { size: sizeOf(config["size"], kind), filter, cropPct, squeezedFrom },
    }),
    ...(crops && { crop: cropOf(config["crop_size"] ?? kind.crop) }),
    values: valuesOf(config, kind),
    flips: flag(config, "do_flip_channel_order", kind.flips ?? false),
  };
}

function wrong(field: string, problem: string): Error {
  return new Error(`preprocessor_config.json: ${field} ${problem}`);
}

/** As in transformers, null counts as false, and a missing flag has the class's default. */
function flag(config: Fields, name: string, usual: boolean): boolean {
  return Object.hasOwn(config, name) ? Boolean(config[name]) : usual;
}

function numberOf(config: Fields, name: string): number | undefined {
  const value = config[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) throw wrong(name, "is not a number");
  return value;
}

function isSide(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** One number is the side of a square, or the shorter side if the class's default is one. */
function sizeOf(size: unknown, kind: ProcessorClass): Size {
  if (size === undefined || size === null) return kind.size;
  if (isSide(size)) return "shortest" in kind.size ? { shortest: size } : { height: size, width: size };
  const { height, width, shortest_edge: shortest } = size as Fields;
  if (isSide(shortest)) return { shortest };
  if (isSide(height) && isSide(width)) return { height, width };
  throw wrong("size", `is ${JSON.stringify(size)}: expected height and width, or shortest_edge`);
}

function cropOf(size: unknown): Extent {
  if (isSide(size)) return { height: size, width: size };
  const { height, width } = (size ?? {}) as Fields;
  if (isSide(height) && isSide(width)) return { height, width };
  throw wrong("crop_size", `is ${JSON.stringify(size)}: expected height and width`);
}

/** Values for the three colours; one number applies to all. */
function colours(config: Fields, name: string, usual: readonly number[]): readonly number[] {
  const value = config[name] ?? usual;
  const list = Array.isArray(value) ? value : [value, value, value];
  if (list.length === 3 && list.every((each) => typeof each === "number")) return list;
  throw wrong(name, "is not a number, nor a list of three");
}

/** Scales and normalizes all 256 byte values in numpy's order and with its rounding. */
function valuesOf(config: Fields, kind: ProcessorClass): Float32Array[] {
  const scale = flag(config, "do_rescale", true) ? (numberOf(config, "rescale_factor") ?? 1 / 255) : 1;
  const offset = flag(config, "rescale_offset", false) ? 1 : 0;
  const normalizes = flag(config, "do_normalize", kind.normalizes ?? true);
  const twice = flag(config, "include_top", kind.includeTop ?? false);
  const mean = colours(config, "image_mean", kind.mean);
  const std = colours(config, "image_std", kind.std);
  const { fround } = Math;
  const toValue = (byte: number, colour: number) => {
    const deviation = fround(std[colour] as number);
    let value = fround(fround(byte * scale) - offset);
    if (normalizes) value = fround(fround(value - fround(mean[colour] as number)) / deviation);
    return twice ? fround(value / deviation) : value;
  };
  return [0, 1, 2].map((colour) => Float32Array.from({ length: 256 }, (_, byte) => toValue(byte, colour)));
}
