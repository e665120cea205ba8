import type Docker from "dockerode";
import type { Built } from "../builder/built.ts";
import type { ImageSize } from "../builder/image-size.ts";
import { imageStore } from "../clients/docker.ts";

/** As the engine lists an image; its client has no type for the second one, which engines before 23.0 do not know. */
interface Listed {
  readonly Id: string;
  readonly Size: number;
  readonly SharedSize?: number;
}

/** A store of the engine's own counts what is unpacked; containerd's counts an image as it is packed. */
async function sizeOf(docker: Docker, reference: string): Promise<ImageSize> {
  if ((await imageStore(docker)) === "containerd") {
    const { Size } = await docker.getImage(reference).inspect();
    return { bytes: Size, packed: true };
  }
  const query = { filters: { reference: [reference] }, "shared-size": true };
  const [found] = (await docker.listImages(query)) as Listed[];
  const { Size = 0, SharedSize = -1 } = found ?? {};
  return { bytes: Size, packed: false, ...(SharedSize >= 0 && { shared: SharedSize }) };
}

/** Images of the store with the sizes that the engine tells, where the builder told none. */
export const withStoredSizes = (docker: Docker, built: readonly Built[]): Promise<Built[]> =>
  Promise.all(built.map(async (image) => ({ size: await sizeOf(docker, image.reference), ...image })));
