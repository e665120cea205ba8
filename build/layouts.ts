import { randomUUID } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { LAMBDA_EXPORT, toBakeFile } from "./bake.ts";
import { runBake } from "./buildx.ts";
import { type BuildOptions, type Packed, withDigests } from "./built.ts";
import { UserError } from "./errors.ts";
import type { Image } from "./plan.ts";
import { TOOL_ROOT } from "./project.ts";

/** The directory of `--output oci=DIR`. */
function outputDirectory(output: string): string {
  const [, directory] = /^oci=(.+)$/.exec(output) ?? [];
  if (directory) return resolve(directory);
  throw new UserError(`Cannot read --output "${output}"`, { hint: "Write it as oci=DIR" });
}

/**
 * Builds each image as an OCI image layout in a directory of its own below the given one.
 * @param as how its layers are packed; default: as Lambda takes them
 */
export async function exportLayouts(
  images: readonly Image[],
  directory: string,
  { as = LAMBDA_EXPORT, ...options }: BuildOptions & { as?: string },
): Promise<Packed[]> {
  const file = toBakeFile(images, {
    root: TOOL_ROOT,
    output: ({ target }) => `type=oci,tar=false,dest=${join(directory, target)},${as}`,
    secrets: options.secrets,
    noCache: options.noCache,
  });
  return withDigests(images, await runBake(file, { ...options, noCache: false }));
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: Error) => {
    throw new UserError(`Cannot write to ${dirname(path)}: ${cause.message}`, {
      hint: "Choose another directory, or one that you may write to.",
      reason: "environment",
      cause,
    });
  });
}

/**
 * Builds images as OCI layouts `DIR/<os>-<arch>`; for several functions `DIR/<function>-<os>-<arch>`. They are written
 * aside and moved into place together at the end: a failure leaves former layouts as they were.
 */
export async function buildToLayouts(
  images: readonly Image[],
  output: string,
  options: BuildOptions,
): Promise<Packed[]> {
  const directory = outputDirectory(output);
  const aside = join(directory, `.mkimage-${randomUUID()}`);
  const several = new Set(images.map((image) => image.function)).size > 1;
  await makeFolder(aside);
  try {
    const built = await exportLayouts(images, aside, options);
    options.signal.throwIfAborted();
    return await Promise.all(
      built.map(async (image) => {
        const place = join(directory, several ? image.target : image.name);
        await rm(place, { recursive: true, force: true });
        await rename(join(aside, image.target), place);
        return { ...image, reference: place };
      }),
    );
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
