import type { Descriptor } from "./oci.ts";

export interface ImageSize {
  readonly bytes: number;
  /** Bytes of layers that another image has as well: of this build, or of the engine where it was asked. */
  readonly shared?: number;
  /** Whether layers are counted as they are packed, as Lambda takes them. */
  readonly packed: boolean;
}

const total = (layers: readonly Descriptor[]): number => layers.reduce((sum, { size }) => sum + size, 0);

/** The sizes of images that are built together, by their packed layers. Pure. */
export function packedSizes(images: readonly (readonly Descriptor[])[]): ImageSize[] {
  return images.map((layers, index) => {
    const others = images.filter((_, at) => at !== index).flat();
    const known = new Set(others.map(({ digest }) => digest));
    const shared = total(layers.filter(({ digest }) => known.has(digest)));
    return { bytes: total(layers), shared, packed: true };
  });
}
