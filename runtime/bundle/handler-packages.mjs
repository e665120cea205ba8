import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

const NAME = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/@][^/]*)/g;

function packageOf(path) {
  const last = [...path.matchAll(NAME)].at(-1);
  return last && { name: last[1], folder: path.slice(0, last.index + last[0].length) };
}

/** Packages with native code: a file *.node, or a binding.gyp that builds one. */
function withBinaries(folder) {
  const paths = readdirSync(folder, { recursive: true }).map((path) => path.replaceAll("\\", "/"));
  return paths.flatMap((path) => {
    const found = packageOf(path);
    const isNative = path.endsWith(".node") || path === `${found?.folder}/binding.gyp`;
    return found && isNative ? [found] : [];
  });
}

/** Packages whose native code is in optional dependencies, one for each CPU. npm installs the one for its own. */
function withPlatforms(lock) {
  const { packages = {} } = existsSync(lock) ? JSON.parse(readFileSync(lock, "utf8")) : {};
  const entries = Object.entries(packages);
  const forOneCpu = new Set(entries.flatMap(([path, { cpu }]) => (cpu ? [packageOf(path)?.name] : [])));
  return entries.flatMap(([path, { optionalDependencies = {} }]) => {
    const found = packageOf(path);
    return found && Object.keys(optionalDependencies).some((name) => forOneCpu.has(name)) ? [found] : [];
  });
}

/**
 * Removes native packages from node_modules and returns their names. A bundle for all platforms cannot contain them, and
 * many load their files by a path that esbuild does not see. After the removal an import fails with file and line. Code
 * that tries an import and works without it still works.
 * @param folder of package-lock.json
 */
export function removeNative(folder) {
  if (!existsSync(join(folder, "node_modules"))) return new Set();
  const native = [...withBinaries(folder), ...withPlatforms(join(folder, "package-lock.json"))];
  for (const each of native) rmSync(join(folder, each.folder), { recursive: true, force: true });
  return new Set(native.map(({ name }) => name));
}
