import { readLayout } from "../../build/builder/oci.ts";

/** Bytes of the packed layers of an OCI image layout. */
export async function layersSize(layout: string): Promise<number> {
  const { layers } = await readLayout(layout);
  return layers.reduce((sum, { size }) => sum + size, 0);
}
