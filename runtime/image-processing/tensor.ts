import type { CheckTime } from "../request/deadline.ts";
import { geometryOf } from "./geometry.ts";
import { blank, type Extent, type Pixels, type Window } from "./pixels.ts";
import { resample } from "./resample.ts";
import type { Settings } from "./settings.ts";

/** The part that the model gets: resized, cropped at the centre, with a black border where that exceeds the edges. */
export function prepare(
  picture: Pixels,
  settings: Pick<Settings, "resize" | "crop">,
  checkTime: CheckTime = () => {},
): Pixels {
  const { size, window } = geometryOf(picture, settings);
  const seen = within(window, size);
  const part = resample(picture, { size, window: seen, filter: settings.resize?.filter ?? 0, checkTime });
  return seen.width === window.width && seen.height === window.height ? part : bordered(part, seen, window);
}

function within({ left, top, width, height }: Window, picture: Extent): Window {
  const start = { left: Math.max(0, left), top: Math.max(0, top) };
  const right = Math.min(picture.width, left + width);
  const bottom = Math.min(picture.height, top + height);
  return { ...start, width: right - start.left, height: bottom - start.top };
}

function bordered({ data, width, height }: Pixels, seen: Window, window: Window): Pixels {
  const result = blank(window);
  for (let y = 0; y < height; y++) {
    const to = (y + seen.top - window.top) * window.width + seen.left - window.left;
    result.data.set(data.subarray(y * width * 3, (y + 1) * width * 3), to * 3);
  }
  return result;
}

/** Dimensions of the graph's input: batch, channels, height, width, or the channels last. */
export type ChannelOrder = "NCHW" | "NHWC";

export function writeTensor(
  { data, width, height }: Pixels,
  { values, flips }: Pick<Settings, "values" | "flips">,
  { into, channelOrder }: { into: Float32Array; channelOrder: ChannelOrder },
): void {
  const count = width * height;
  const [step, apart] = channelOrder === "NCHW" ? [1, count] : [3, 1];
  for (let colour = 0; colour < 3; colour++) {
    const table = values[colour] as Float32Array;
    const start = (flips ? 2 - colour : colour) * apart;
    for (let i = 0; i < count; i++) {
      into[start + i * step] = table[data[i * 3 + colour] as number] as number;
    }
  }
}
