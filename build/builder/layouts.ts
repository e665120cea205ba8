import { access, constants, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { LAMBDA_EXPORT, toBakeFile } from "../bake/bake.ts";
import { csvField } from "../clients/csv.ts";
import { screen } from "../display/screen.ts";
import { UserError } from "../errors.ts";
import { systemFault } from "../files/system-fault.ts";
import { withScratch } from "../leftovers/run-record.ts";
import { formatBytes } from "../output.ts";
import { cellName } from "../plan/cell-name.ts";
import type { Image } from "../plan/image.ts";
import { TOOL_ROOT } from "../tool-root.ts";
import type { BuildOptions, Packed } from "./built.ts";
import { type ImageSize, packedSizes } from "./image-size.ts";
import { type OciImage, readLayout } from "./oci.ts";
import { runBuild } from "./run-build.ts";

/**
 * The directory of `--output oci=DIR`.
 * @throws UserError (exit 2) when it is written in another way
 */
export function outputDirectory(output: string): string {
  const [, directory] = /^oci=(.+)$/.exec(output) ?? [];
  if (directory) return resolve(directory);
  throw new UserError(`Cannot read --output "${output}"`, { hint: "Write it as oci=DIR" });
}

/** Builds each image as an OCI image layout, packed as Lambda takes it, in a directory of its own below the given one. */
export async function exportLayouts(
  images: readonly Image[],
  directory: string,
  options: BuildOptions,
): Promise<Packed[]> {
  const file = toBakeFile(images, {
    root: TOOL_ROOT,
    output: ({ target }) =>
      `type=oci,tar=false,${csvField(`dest=${join(directory, target)}`)},${LAMBDA_EXPORT}`,
    secrets: options.secrets,
    noCache: options.noCache,
  });
  await runBuild(file, images, { ...options, noCache: false });
  const layouts = await Promise.all(images.map(({ target }) => readLayout(join(directory, target))));
  const sizes = packedSizes(layouts.map(({ layers }) => layers));
  return images.map((image, index) => {
    const { manifest, config } = layouts[index] as OciImage;
    return {
      ...image,
      digest: manifest.digest,
      configDigest: config.digest,
      size: sizes[index] as ImageSize,
    };
  });
}

/** Creates a folder, and sees that it can be written to before anything is built. */
async function makeFolder(path: string): Promise<void> {
  const ready = async () => {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
  };
  await ready().catch((cause: Error) => {
    throw new UserError(`Cannot write to ${path}: ${systemFault(cause)}`, {
      hint: "Choose another directory, or one that you may write to.",
      reason: "environment",
      cause,
    });
  });
}

/** Where each image's layout goes: `DIR/<os>-<arch>`; for several functions `DIR/<function>-<os>-<arch>`. */
function placesOf(images: readonly Image[], directory: string): (image: Image) => string {
  return (image) => join(directory, cellName(image, images));
}

/**
 * Looks at what a build would replace: nothing, or an image layout, which the file `oci-layout` marks by its specification.
 * @throws UserError (exit 2) for a place that holds something else
 */
export async function refuseForeign(images: readonly Image[], directory: string): Promise<void> {
  for (const place of images.map(placesOf(images, directory))) {
    const found = await stat(place).catch(() => undefined);
    const content = found?.isDirectory() ? await readdir(place).catch(() => [place]) : [];
    const isFree = !found || (found.isDirectory() && content.length === 0);
    if (isFree || (content.includes("oci-layout") && content.includes("index.json"))) continue;
    throw new UserError(`${place} contains something other than an OCI layout, and would be replaced`, {
      hint: "Choose another directory, or move what is there.",
    });
  }
}

/**
 * Builds images as OCI layouts, each in a place of its own. They are written aside and moved into place together at the
 * end: a failure leaves former layouts as they were.
 * @throws UserError (exit 2), before they are built, for a place that holds something else than a layout
 */
export async function buildToLayouts(
  images: readonly Image[],
  output: string,
  options: BuildOptions,
): Promise<Packed[]> {
  const directory = outputDirectory(output);
  const placeOf = placesOf(images, directory);
  await refuseForeign(images, directory);
  await makeFolder(directory);
  screen.phase("images");
  return withScratch(join(directory, ".mkimage-"), async (aside) => {
    const built = await exportLayouts(images, aside, options);
    options.signal.throwIfAborted();
    return Promise.all(
      built.map(async (image) => {
        const place = placeOf(image);
        await rm(place, { recursive: true, force: true });
        await rename(join(aside, image.target), place);
        screen.row("cells", cellName(image, images)).done(`written ${formatBytes(image.size?.bytes ?? 0)}`);
        return { ...image, reference: place };
      }),
    );
  });
}
