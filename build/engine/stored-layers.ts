import type { Readable } from "node:stream";
import { json } from "node:stream/consumers";
import type Docker from "dockerode";
import { extract } from "tar-stream";
import { blobName, type Descriptor, manifestSchema } from "../builder/oci.ts";
import { UserError } from "../errors.ts";

/**
 * The packed layers of an image whose id is its manifest's digest: a containerd store's archive holds them as they are.
 * @throws UserError (exit 3) when the engine's archive has no such manifest
 */
export async function storedLayers(docker: Docker, id: string): Promise<Descriptor[]> {
  const archive = (await docker.getImage(id).get()) as Readable;
  try {
    for await (const entry of archive.pipe(extract())) {
      if (entry.header.name === blobName(id)) return manifestSchema.parse(await json(entry)).layers;
      entry.resume();
    }
  } finally {
    archive.destroy();
  }
  throw new UserError(`The Docker engine's archive of ${id} has no manifest`, { reason: "environment" });
}
