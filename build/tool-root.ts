import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of mkimage's own package, from source (`build/`) and from `dist/build/` alike. */
function findRoot(from: string): string {
  if (existsSync(join(from, "images")) && existsSync(join(from, "package.json"))) return from;
  return findRoot(dirname(from));
}

/** Where mkimage itself is installed: Dockerfiles and the runtime's sources are below it. */
export const TOOL_ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

const isClone = existsSync(join(TOOL_ROOT, "Makefile"));

/** A remedy that only a clone of mkimage's repository has, such as `make engine`; nothing in an installed package. */
export const inClone = (remedy: string): string => (isClone ? remedy : "");

/** The version of mkimage itself. */
export const { version: TOOL_VERSION } = JSON.parse(
  readFileSync(join(TOOL_ROOT, "package.json"), "utf8"),
) as { version: string };
