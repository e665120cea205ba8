/** Size to resize to: both sides, or the shorter one, with the other in proportion. */
export type Size = { readonly height: number; readonly width: number } | { readonly shortest: number };

/** Defaults of a class of transformers' image processors, where preprocessor_config.json has no value. */
export interface ProcessorClass {
  readonly size: Size;
  /** Number of Pillow's filter. */
  readonly resample: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly crop?: number;
  /** Whether it crops the centre by default; true when there is a `crop` and this is not given. */
  readonly crops?: boolean;
  readonly normalizes?: boolean;
  /** Ratio of the crop to the resized side. */
  readonly cropPct?: number;
  /** From this size on, pictures are resized to a square instead of cropped. */
  readonly squeezedFrom?: number;
  /** Divides by the standard deviation twice, for weights from Keras. */
  readonly includeTop?: boolean;
  readonly flips?: boolean;
}

const square = (side: number): Size => ({ height: side, width: side });
const shortest = (side: number): Size => ({ shortest: side });

const BILINEAR = 2;
const BICUBIC = 3;
const HALVES = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const CLIP = { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] };

const VIT = { size: square(224), resample: BILINEAR, ...HALVES };
const DEIT = { size: square(256), crop: 224, resample: BICUBIC, ...HALVES };
const MOBILENET = { size: shortest(256), crop: 224, resample: BILINEAR, ...HALVES };
const OF_CLIP = { size: shortest(224), crop: 224, resample: BICUBIC, ...CLIP };

/** By the class's name without its suffix (ImageProcessor, ImageProcessorFast, FeatureExtractor). */
const CLASSES: Readonly<Record<string, ProcessorClass>> = {
  Beit: DEIT,
  Bit: OF_CLIP,
  Blip: { size: square(384), resample: BICUBIC, ...CLIP },
  CLIP: OF_CLIP,
  ConvNext: {
    size: shortest(384),
    resample: BILINEAR,
    cropPct: 224 / 256,
    squeezedFrom: 384,
    ...HALVES,
  },
  DeiT: DEIT,
  EfficientNet: { size: square(346), crop: 289, crops: false, resample: 0, includeTop: true, ...HALVES },
  Levit: { size: shortest(224), crop: 224, cropPct: 224 / 256, resample: BICUBIC, ...IMAGENET },
  MobileNetV1: MOBILENET,
  MobileNetV2: MOBILENET,
  MobileViT: {
    size: shortest(224),
    crop: 256,
    resample: BILINEAR,
    normalizes: false,
    flips: true,
    ...HALVES,
  },
  PoolFormer: { size: shortest(224), crop: 224, cropPct: 0.9, resample: BICUBIC, ...IMAGENET },
  Pvt: { ...VIT, ...IMAGENET },
  Segformer: { ...VIT, size: square(512), ...IMAGENET },
  Siglip: { ...VIT, resample: BICUBIC },
  ViTHybrid: { ...OF_CLIP, ...HALVES },
};

/** Classes with further steps that no setting describes. */
const OTHERS = /^(Perceiver|ImageGPT|TimmWrapper)/;

/** An unknown class is treated as ViT's, with the settings of the file. */
export function processorClass(name: string): ProcessorClass {
  if (OTHERS.test(name)) throw new Error(`preprocessor_config.json asks for ${name}, which is not supported`);
  return CLASSES[name.replace(/(ImageProcessor(Fast)?|FeatureExtractor)$/, "")] ?? VIT;
}
