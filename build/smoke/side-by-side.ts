import type Docker from "dockerode";
import pMap from "p-map";
import type { Image } from "../plan/image.ts";
import { MB_PER_PROCESSOR } from "./limits.ts";
import { isEmulated } from "./sandbox.ts";

/** Part of the engine's memory that tests may take together. */
const SHARE_OF_MEMORY = 0.8;

/**
 * How many images may be tested at once: as many as the engine has processors for, whole ones as Lambda gives them with
 * memory, and no more than its memory has room for. At least one: an image that is larger than the machine is tried alone.
 * @param images `memory` in MB; the largest counts for all
 */
export async function sideBySide(docker: Docker, images: readonly Pick<Image, "memory">[]): Promise<number> {
  const { NCPU = 1, MemTotal = Infinity } = (await docker.info()) as { NCPU?: number; MemTotal?: number };
  const largest = Math.max(1, ...images.map(({ memory }) => memory));
  const processors = Math.max(1, Math.floor(largest / MB_PER_PROCESSOR));
  const roomFor = Math.floor((MemTotal * SHARE_OF_MEMORY) / (largest * 1024 ** 2));
  return Math.max(1, Math.min(Math.floor(NCPU / processors), roomFor));
}

export interface RunOptions {
  readonly docker: Docker;
  readonly signal: AbortSignal;
}

/**
 * Runs something for every image, side by side. Those of the machine's own architecture come first and among themselves:
 * beside an emulated one, which takes all the processor time it gets, their times would be of no use.
 * @throws what the first `run` throws, or when it is aborted; no other begins then, and those that run have ended: they
 * remove their containers
 */
export async function runSideBySide<T extends Pick<Image, "arch" | "memory">>(
  images: readonly T[],
  run: (image: T, index: number) => Promise<void>,
  { docker, signal }: RunOptions,
): Promise<void> {
  const all = await Promise.all(
    images.map(async (image, index) => ({ image, index, emulated: await isEmulated(docker, image) })),
  );
  let failure: { readonly error: unknown } | undefined;
  const runOne = async ({ image, index }: (typeof all)[number]) => {
    if (failure || signal.aborted) return;
    try {
      await run(image, index);
    } catch (error) {
      failure ??= { error };
    }
  };
  for (const emulated of [false, true]) {
    const some = all.filter((each) => each.emulated === emulated);
    const images = some.map(({ image }) => image);
    await pMap(some, runOne, { concurrency: await sideBySide(docker, images) });
  }
  signal.throwIfAborted();
  if (failure) throw failure.error;
}
