import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { withContainer } from "../../build/clients/container.ts";

/** The file system of an image as a tar stream, layers applied. A container is made for it but never started. */
export function openFileSystem<T>(
  docker: Docker,
  reference: string,
  use: (tar: Readable) => Promise<T>,
): Promise<T> {
  const settings = { Image: reference, Labels: { "mkimage.sandbox": "static" } };
  return withContainer(docker, settings, async (container) => use((await container.export()) as Readable));
}
