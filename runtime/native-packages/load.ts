import { existsSync } from "node:fs";

/** Folders with native packages: beside the bundled program, or one level above this source folder. */
const FOLDERS = ["node_modules", "../node_modules"].map((folder) => `${import.meta.dirname}/${folder}`);

/**
 * Loads a package's native part like `require`, but without the search for it.
 * @param file path in node_modules
 */
export function loadNative<Binding>(file: string): Binding {
  const module = { exports: {} as Binding };
  process.dlopen(module, `${FOLDERS.find(existsSync)}/${file}`);
  return module.exports;
}
