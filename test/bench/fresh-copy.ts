import { appendFile, cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { execa } from "execa";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { cacheWithout } from "../support/cache.ts";
import { removeImages } from "../support/engine.ts";
import { MODEL } from "../support/project.ts";

const PARTS = ["build", "images", "models", "runtime", "package.json"];

/** A copy of mkimage whose images share no layer with anything that engine or builder has, apart from their bases. */
export interface FreshCopy {
  readonly folder: string;
  /** Runs its command line and returns what it prints. */
  mkimage(...args: string[]): Promise<string>;
  /** A change in the runtime's sources, as small as one line. */
  changeRuntime(): Promise<void>;
  /** Removes the copy and its images. */
  remove(): Promise<void>;
}

/**
 * `--no-cache` runs every step again, but equal layers would already be in the engine's store, and downloads in
 * caches of the builder: a layer of its own above each base and caches of its own make sure that they are not.
 */
async function makeFresh(folder: string, salt: string): Promise<void> {
  const images = join(folder, "images");
  const system = join(images, "system", "Dockerfile");
  await writeFile(join(images, "system", "fresh"), salt);
  const text = await readFile(system, "utf8");
  await writeFile(system, text.replace(/^FROM \$\{BASE\} AS .*$/gm, "$&\nCOPY fresh /"));
  for (const name of ["runtime", "model"]) {
    const path = join(images, name, "Dockerfile");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replaceAll(/type=cache,target=([^,\s]+)/g, `$&,id=${salt}-$1`));
  }
}

export async function makeFreshCopy(): Promise<FreshCopy> {
  const folder = await mkdtemp(join(tmpdir(), "mkimage-bench-"));
  const name = basename(folder).toLowerCase();
  const repository = `mkimage-test/${name}`;
  const filter = (path: string) => basename(path) !== "node_modules";
  for (const part of PARTS) await cp(join(TOOL_ROOT, part), join(folder, part), { recursive: true, filter });
  await symlink(join(TOOL_ROOT, "node_modules"), join(folder, "node_modules"));
  await makeFresh(folder, name);
  const config = { functions: { [name]: { model: MODEL } }, repository: "mkimage-test/<function>" };
  await writeFile(join(folder, "mkimage.json"), JSON.stringify(config));
  const env = { MKIMAGE_CACHE: await cacheWithout(["images"], folder) };
  const cli = join(folder, "build", "cli.ts");
  return {
    folder,
    async mkimage(...args) {
      const { stdout } = await execa(process.execPath, [cli, ...args], { cwd: folder, env, stdin: "ignore" });
      return stdout;
    },
    changeRuntime: () => appendFile(join(folder, "runtime", "index.ts"), "\nconsole.debug('changed');\n"),
    async remove() {
      await removeImages(name, repository);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
