import { findImageInput } from "../../models/graph/images.ts";
import type { ImageProcessor } from "../image-processing/image-processor.ts";
import type { Pixels } from "../image-processing/pixels.ts";
import type { Model } from "../model/model.ts";
import { outputFor } from "../model/outputs.ts";
import { floatsOf, type Numbers, type Values } from "../onnx/graph.ts";
import { timed, type Work } from "../request/work.ts";
import { cellsInTime, expectedTime, recordRun } from "./throughput.ts";

/** Pictures per run: memory grows with each, and larger runs take no less time per picture. */
const MAX_BATCH = 8;

/** Pixels per cell: a patch of 16 × 16, which is one token of a vision transformer. */
const CELL = 256;

/** @throws Error when a graph cannot take pictures */
export function pictureInput({ graph }: Pick<Model, "graph">) {
  const { single, ...input } = findImageInput(graph.inputs);
  return { ...input, most: single ? 1 : MAX_BATCH };
}

interface RunOptions {
  readonly fieldOf: (index: number) => string;
  readonly work: Work;
}

/**
 * The logits of pictures, in their order. Pictures are decoded one by one, so that only one is in memory in full size,
 * and run in batches of one size.
 */
export async function runImageModel(
  model: Pick<Model, "graph" | "manifest">,
  processor: ImageProcessor,
  { sources, fieldOf, work }: RunOptions & { readonly sources: readonly string[] },
): Promise<Float32Array[]> {
  const fetched = fetchAhead(sources, processor.ahead, (source, i) => processor.fetch(source, fieldOf(i)));
  const rows: Float32Array[] = [];
  let batch: Pixels[] = [];
  const flush = async () => {
    rows.push(...(await runBatch(model, processor, { batch, work })));
    batch = [];
  };
  for (let i = 0; i < sources.length; i++) {
    const file = await fetched(i);
    work.checkTime(0);
    const start = performance.now();
    const picture = await processor.read(file, fieldOf(i), work);
    work.timings.preprocessing += performance.now() - start;
    if (batch.length > 0 && !fits(picture, batch, model)) await flush();
    batch.push(picture);
  }
  await flush();
  return rows;
}

/** Returns a function that gives a file and starts to fetch the following ones. */
function fetchAhead(
  sources: readonly string[],
  ahead: number,
  fetch: (source: string, index: number) => Promise<Uint8Array>,
): (index: number) => Promise<Uint8Array> {
  const files = new Map<number, Promise<Uint8Array>>();
  return (index) => {
    for (let i = index; i < Math.min(sources.length, index + ahead); i++) {
      if (files.has(i)) continue;
      const file = fetch(sources[i] as string, i);
      // An earlier file may fail first; then this one is never awaited.
      file.catch(() => {});
      files.set(i, file);
    }
    const file = files.get(index) as Promise<Uint8Array>;
    // Keep the key, drop the bytes.
    files.set(index, Promise.resolve(new Uint8Array()));
    return file;
  };
}

function cellsOf({ width, height }: Pixels): number {
  return Math.ceil((width * height) / CELL);
}

function fits(picture: Pixels, batch: readonly Pixels[], { graph }: Pick<Model, "graph">): boolean {
  const [first] = batch as [Pixels];
  if (first.width !== picture.width || first.height !== picture.height) return false;
  const count = batch.length + 1;
  return count <= pictureInput({ graph }).most && count * cellsOf(picture) <= cellsInTime(graph);
}

async function runBatch(
  model: Pick<Model, "graph" | "manifest">,
  processor: ImageProcessor,
  { batch, work }: { readonly batch: readonly Pixels[]; readonly work: Work },
): Promise<Float32Array[]> {
  const { graph } = model;
  const { name, channelOrder } = pictureInput(model);
  const [first] = batch as [Pixels];
  const { width, height } = first;
  const cells = batch.length * cellsOf(first);
  work.checkTime(expectedTime(graph, cells));
  const data = await timed(work, "preprocessing", () => processor.toTensor(batch, channelOrder));
  const shape = channelOrder === "NCHW" ? [3, height, width] : [height, width, 3];
  const start = performance.now();
  const output = outputFor("logits", model).name;
  const [logits] = await graph.run({ [name]: { data, dims: [batch.length, ...shape] } }, [output]);
  const took = performance.now() - start;
  work.timings.inference += took;
  recordRun(graph, cells, took);
  return rowsOf(floatsOf(logits as Values<Numbers>, output), batch.length);
}

function rowsOf({ data }: Values<Float32Array>, count: number): Float32Array[] {
  const width = data.length / count;
  return Array.from({ length: count }, (_, i) => data.subarray(i * width, (i + 1) * width));
}
