import { readFileSync } from "node:fs";
import { BadRequest } from "../request/errors.ts";
import type { Work } from "../request/work.ts";
import { budgetOf } from "./budget.ts";
import { decode, loadSharp } from "./decode.ts";
import { geometryOf } from "./geometry.ts";
import type { Pixels } from "./pixels.ts";
import { readSettings, type Settings } from "./settings.ts";
import { readSource } from "./source.ts";
import { type ChannelOrder, prepare, writeTensor } from "./tensor.ts";

/** Turns pictures of requests into tensors. Named as in transformers. */
export interface ImageProcessor {
  /** Number of files that may be fetched in advance. */
  readonly ahead: number;
  fetch(source: string, field: string): Promise<Uint8Array>;
  /** Decodes a file and resizes it as in the model's training. */
  read(file: Uint8Array, field: string, work: Work): Promise<Pixels>;
  /** Pictures of one size as a batch. */
  toTensor(pictures: readonly Pixels[], channelOrder: ChannelOrder): Float32Array;
}

/** Largest input of a model, in pixels. */
const MAX_PREPARED = 4096 * 4096;

export async function openImageProcessor(folder: string, threads: number): Promise<ImageProcessor> {
  const settings = readSettings(JSON.parse(readFileSync(`${folder}/preprocessor_config.json`, "utf8")));
  const sharp = await loadSharp(threads);
  const budget = budgetOf(process.env);
  return {
    ahead: budget.ahead,
    fetch: readSource,
    async read(file, field, work) {
      const picture = await decode(sharp, file, { field, budget, work });
      refuseStretched(picture, settings, field);
      return prepare(picture, settings, work.checkTime);
    },
    toTensor(pictures, channelOrder) {
      const [{ width, height }] = pictures as [Pixels];
      const size = width * height * 3;
      const data = new Float32Array(pictures.length * size);
      for (const [i, picture] of pictures.entries()) {
        writeTensor(picture, settings, { into: data.subarray(i * size, (i + 1) * size), channelOrder });
      }
      return data;
    },
  };
}

/** Resizing a very long and narrow picture by its shorter side would fill the memory. */
function refuseStretched(picture: Pixels, settings: Settings, field: string): void {
  const { width, height } = geometryOf(picture, settings).window;
  if (width * height <= MAX_PREPARED) return;
  throw new BadRequest(
    field,
    `${picture.width} × ${picture.height} pixels would become ${width} × ${height} for this model`,
  );
}
