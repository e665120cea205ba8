import { existsSync } from "node:fs";

/** The packages with native code lie beside the bundled program, and one folder above the folder of this source. */
const FOLDERS = ["node_modules", "../node_modules"].map((folder) => `${import.meta.dirname}/${folder}`);

/**
 * Loads a package's native part as `require` does in the end, without the search.
 * @param file its path in node_modules
 */
export function loadNative<Binding>(file: string): Binding {
  const module = { exports: {} as Binding };
  process.dlopen(module, `${FOLDERS.find(existsSync)}/${file}`);
  return module.exports;
}
