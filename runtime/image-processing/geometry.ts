import type { Extent, Window } from "./pixels.ts";
import type { Settings } from "./settings.ts";

/** The size to resize a picture to, and the part of it that the model gets. */
export interface Geometry {
  readonly size: Extent;
  readonly window: Window;
}

/**
 * Rounds as transformers does:
 * https://github.com/huggingface/transformers/blob/main/src/transformers/image_transforms.py
 */
export function geometryOf(picture: Extent, { resize, crop }: Pick<Settings, "resize" | "crop">): Geometry {
  if (!resize) return { size: picture, window: middle(picture, crop ?? picture) };
  const { size: wanted, cropPct = 1, squeezedFrom } = resize;
  if (!("shortest" in wanted)) return { size: wanted, window: middle(wanted, crop ?? wanted) };
  const side = { width: wanted.shortest, height: wanted.shortest };
  if (squeezedFrom !== undefined && wanted.shortest >= squeezedFrom) {
    return { size: side, window: middle(side, crop ?? side) };
  }
  const size = withShortest(picture, Math.trunc(wanted.shortest / cropPct));
  return { size, window: middle(size, crop ?? (squeezedFrom === undefined ? size : side)) };
}

function withShortest({ width, height }: Extent, short: number): Extent {
  const long = Math.trunc((short * Math.max(width, height)) / Math.min(width, height));
  return width <= height ? { width: short, height: long } : { width: long, height: short };
}

/** The centre of a picture; all of a smaller one, with a border. */
function middle(picture: Extent, { width, height }: Extent): Window {
  return {
    width,
    height,
    left: Math.floor((picture.width - width) / 2),
    top: Math.floor((picture.height - height) / 2),
  };
}
