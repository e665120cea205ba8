import type { Extent, Window } from "./pixels.ts";
import type { Settings } from "./settings.ts";

/** The size that an image gets, and the part of it that the model sees. */
export interface Geometry {
  readonly size: Extent;
  readonly window: Window;
}

/** As transformers rounds: https://github.com/huggingface/transformers/blob/main/src/transformers/image_transforms.py */
export function geometryOf(image: Extent, { resize, crop }: Pick<Settings, "resize" | "crop">): Geometry {
  if (!resize) return { size: image, window: middle(image, crop ?? image) };
  const { size: wanted, cropPct = 1, squeezedFrom } = resize;
  if (!("shortest" in wanted)) return { size: wanted, window: middle(wanted, crop ?? wanted) };
  const side = { width: wanted.shortest, height: wanted.shortest };
  if (squeezedFrom !== undefined && wanted.shortest >= squeezedFrom) {
    return { size: side, window: middle(side, crop ?? side) };
  }
  const size = withShortest(image, Math.trunc(wanted.shortest / cropPct));
  return { size, window: middle(size, crop ?? (squeezedFrom === undefined ? size : side)) };
}

function withShortest({ width, height }: Extent, short: number): Extent {
  const long = Math.trunc((short * Math.max(width, height)) / Math.min(width, height));
  return width <= height ? { width: short, height: long } : { width: long, height: short };
}

/** The middle of an image; of a smaller one all, with a border. */
function middle(image: Extent, { width, height }: Extent): Window {
  return {
    width,
    height,
    left: Math.floor((image.width - width) / 2),
    top: Math.floor((image.height - height) / 2),
  };
}
