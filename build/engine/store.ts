import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { LAMBDA_EXPORT, toBakeFile } from "../bake/bake.ts";
import { type BuildOptions, type Built, type Packed, withDigests } from "../builder/built.ts";
import { runBuild } from "../builder/run-build.ts";
import { builderDriver } from "../clients/buildx.ts";
import { connectDocker, findImage, removeReference, tagImage } from "../clients/docker.ts";
import { screen } from "../display/screen.ts";
import { UserError } from "../errors.ts";
import { noteLeftover } from "../leftovers/run-record.ts";
import { formatBytes } from "../output.ts";
import { cellName } from "../plan/cell-name.ts";
import type { Image } from "../plan/image.ts";
import { TOOL_ROOT } from "../tool-root.ts";
import { imageRecords, toImageRecord } from "./image-records.ts";
import { buildAndLoad, type LoadOptions } from "./load.ts";
import { withStoredSizes } from "./stored-sizes.ts";

/** The builder is the engine's own, and nothing is moved. */
async function buildInside(
  docker: Docker,
  images: readonly Image[],
  { tag, secrets, noCache, ...options }: LoadOptions,
): Promise<Built[]> {
  const output = () => `type=docker,${LAMBDA_EXPORT}`;
  const file = toBakeFile(images, { root: TOOL_ROOT, output, tag, secrets, noCache });
  const built = withDigests(images, await runBuild(file, images, options));
  return Promise.all(built.map((image) => arrived(docker, tag(image), image)));
}

/** A classic store names an image by its config, containerd's by its manifest; only the latter has packed layers. */
async function arrived(docker: Docker, reference: string, image: Packed): Promise<Built> {
  const { digest, ...built } = image;
  const stored = await findImage(docker, reference);
  if (stored?.id === built.configDigest) return built;
  if (stored?.id === digest) {
    await imageRecords.write(digest, toImageRecord(image));
    return image;
  }
  throw new UserError(
    `The builder made ${digest}, and the engine has ${stored?.id ?? "nothing"} as ${reference}`,
    {
      reason: "environment",
      hint: "The builder and the engine are not the same: see `docker context ls` and `docker buildx ls`.",
    },
  );
}

/**
 * Builds images into the engine's image store. They arrive under names of this run; when all are there, their
 * references are moved at once, so a failure or Ctrl-C leaves the references as they were.
 */
export async function buildToStore(images: readonly Image[], options: BuildOptions): Promise<Built[]> {
  screen.phase("images");
  const docker = await connectDocker();
  const run = `run-${randomBytes(4).toString("hex")}`;
  const staged = (image: Image) => `${image.repository}:${run}-${image.name}`;
  const removed = images.map((image) => noteLeftover({ kind: "image", reference: staged(image) }));
  try {
    const inside = (await builderDriver()) === "docker";
    const built = await (inside ? buildInside : buildAndLoad)(docker, images, { ...options, tag: staged });
    options.signal.throwIfAborted();
    for (const image of built) await tagImage(docker, staged(image), image.reference);
    const sized = await withStoredSizes(docker, built);
    for (const image of sized) {
      const size = image.size ? ` ${formatBytes(image.size.bytes)}` : "";
      screen.row("cells", cellName(image, images)).done(`built${size}`);
    }
    return sized;
  } finally {
    for (const image of images) await removeReference(docker, staged(image));
    for (const each of removed) each();
  }
}
