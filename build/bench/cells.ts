import type Docker from "dockerode";
import { imageRecords } from "../engine/image-records.ts";
import { currentImage, NotBuiltError } from "../engine/stored-image.ts";
import { storedLayers } from "../engine/stored-layers.ts";
import { cellName } from "../plan/cell-name.ts";
import type { Image } from "../plan/image.ts";
import type { Variant } from "../plan/variant.ts";
import { isEmulated, type Sandboxed } from "../smoke/sandbox.ts";
import type { Program } from "./measure.ts";
import type { Result } from "./results.ts";

/** What is measured with a memory size and an input, and what a result says of it beside its times. */
export interface BenchCell {
  readonly name: string;
  /** The model that answers. */
  readonly variant: Variant;
  readonly image: Sandboxed;
  /** What is started in the image, in place of its function. */
  readonly program?: (input: { readonly memory: number; readonly input: Result["input"] }) => Program;
  /** The cell whose answers it has to give, for a baseline. */
  readonly like?: BenchCell;
  readonly emulated: boolean;
  readonly cell: Result["cell"];
  readonly unpacked: number;
  /** Packed layers: digest → bytes. */
  readonly layers: ReadonlyMap<string, number>;
  readonly accuracy?: NonNullable<Result["accuracy"]>;
}

/** The gate's figures that say how near answers are to those of the source, the most telling first. */
const METRICS = ["cosine.min", "agreement.mean"];

async function cellOf(docker: Docker, image: Image, images: readonly Image[]): Promise<BenchCell> {
  const stored = await currentImage(docker, image);
  const record = await imageRecords.read(stored.id);
  const layers = record?.layers.length ? record.layers : await storedLayers(docker, stored.id);
  const [model] = image.models;
  const figures = record?.reports[model.name]?.figures ?? {};
  const metric = METRICS.find((name) => figures[name] !== undefined);
  return {
    name: cellName(image, images),
    variant: model,
    image: { ...image, reference: stored.id },
    emulated: await isEmulated(docker, image),
    cell: {
      function: image.function,
      os: image.os,
      arch: image.arch,
      model: model.name,
      task: model.spec.task,
      quantization: image.quantization,
      reference: image.reference,
      configDigest: record?.configDigest ?? stored.id,
      ...(record && { digest: record.digest }),
    },
    unpacked: stored.size,
    layers: new Map(layers.map(({ digest, size }) => [digest, size])),
    ...(metric && { accuracy: { metric: metric.split(".")[0] as string, value: figures[metric] as number } }),
  };
}

/** The cells that are built, and those that are not with the error that says how to build them. */
export async function benchCells(docker: Docker, images: readonly Image[]) {
  const cells: BenchCell[] = [];
  const missing: { readonly image: Image; readonly error: NotBuiltError }[] = [];
  for (const image of images)
    try {
      cells.push(await cellOf(docker, image, images));
    } catch (error) {
      if (!(error instanceof NotBuiltError)) throw error;
      missing.push({ image, error });
    }
  return { cells, missing };
}

/**
 * Bytes of a cell: packed, unpacked, and packed ones of layers that other images of mkimage in the run have too. Undefined
 * for what has no image of its own.
 */
export function sizesOf(cell: BenchCell, all: readonly BenchCell[]): Result["sizes"] {
  if (cell.layers.size === 0) return undefined;
  const others = all.filter((each) => each !== cell && !each.cell.baseline);
  const isShared = (digest: string) => others.some(({ layers }) => layers.has(digest));
  const sum = (entries: readonly (readonly [string, number])[]) =>
    entries.reduce((total, [, size]) => total + size, 0);
  const layers = [...cell.layers];
  return {
    packed: sum(layers),
    unpacked: cell.unpacked,
    shared: sum(layers.filter(([digest]) => isShared(digest))),
  };
}
