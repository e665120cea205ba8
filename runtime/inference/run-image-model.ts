import { findImageInput } from "../../models/graph/images.ts";
import type { ImageProcessor } from "../image-processing/image-processor.ts";
import type { Pixels } from "../image-processing/pixels.ts";
import type { Model } from "../model/model.ts";
import { outputFor } from "../model/outputs.ts";
import { floatsOf, type Numbers, type Values } from "../onnx/graph.ts";
import { timed, type Work } from "../request/work.ts";
import { cellsInTime, expectedTime, recordRun } from "./throughput.ts";

/** Pictures of one run: memory grows with each, and a run of more takes no less time per picture. */
const MAX_BATCH = 8;

/** Pixels that count as one cell: a patch of 16 × 16, which a vision transformer takes for a token. */
const CELL = 256;

/** Throws when a graph cannot be fed with pictures. */
export function pictureInput({ graph }: Pick<Model, "graph">) {
  const { single, ...input } = findImageInput(graph.inputs);
  return { ...input, most: single ? 1 : MAX_BATCH };
}

interface RunOptions {
  readonly fieldOf: (index: number) => string;
  readonly work: Work;
}

/**
 * The logits of pictures, in their order. Pictures are decoded one after the other, so that no more than one is held in full
 * size, and go through the graph in batches of one size.
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

/** Begins to fetch the next few whenever one is asked for. */
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
      // One before it may fail first; then nobody asks for this one.
      file.catch(() => {});
      files.set(i, file);
    }
    const file = files.get(index) as Promise<Uint8Array>;
    // The entry stays, so that it is not fetched again, without the content.
    files.set(index, Promise.resolve(new Uint8Array()));
    return file;
  };
}

function cellsOf({ width, height }: Pixels): number {
  return Math.ceil((width * height) / CELL);
}

/** Whether a picture can go through the graph together with those before it. */
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
