import type { Image } from "./image.ts";

/** What a cell is called among others: `<os>-<arch>`; for several functions `<function>-<os>-<arch>`. */
export function cellName({ name, target }: Image, images: readonly Image[]): string {
  const several = new Set(images.map((image) => image.function)).size > 1;
  return several ? target : name;
}
