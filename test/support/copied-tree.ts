import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { writeTree } from "./folder.ts";

const PARTS = ["build", "images", "models", "runtime", "package.json", "tsconfig.json"];

/** A copy of the program's sources, to show what a change of a few files comes to. */
export interface CopiedTree {
  readonly folder: string;
  /** In `project/` of the copy, with a cache of its own. */
  mkimage(...args: string[]): Promise<{ stdout: string; stderr: string; exitCode?: number | undefined }>;
  /** Puts a text after the only place that reads `after`. */
  insert(path: string, after: string, text: string): Promise<void>;
  /** The errors that tsc finds; none when types hold. */
  typeErrors(): Promise<string[]>;
  remove(): Promise<void>;
}

/** @param files further files, among them those of `project/` */
export async function copyTree(files: Record<string, unknown>): Promise<CopiedTree> {
  const folder = await mkdtemp(join(tmpdir(), "mkimage-copy-"));
  const filter = (path: string) => !path.endsWith("/node_modules");
  for (const part of PARTS) await cp(join(TOOL_ROOT, part), join(folder, part), { recursive: true, filter });
  for (const packages of ["node_modules", "runtime/node_modules"])
    await symlink(join(TOOL_ROOT, packages), join(folder, packages));
  await writeTree(folder, files);
  const node = (program: string, args: readonly string[], cwd: string, env = {}) =>
    execa(process.execPath, [program, ...args], { cwd, env, reject: false });
  const project = join(folder, "project");
  return {
    folder,
    mkimage: (...args) =>
      node(join(folder, "build/cli.ts"), args, project, { MKIMAGE_CACHE: join(project, ".cache") }),
    async insert(path, after, text) {
      const file = join(folder, path);
      const parts = (await readFile(file, "utf8")).split(after);
      if (parts.length !== 2) throw new Error(`${path} has "${after}" ${parts.length - 1} times`);
      await writeFile(file, parts.join(after + text));
    },
    async typeErrors() {
      const tsc = await node(
        join(TOOL_ROOT, "node_modules/typescript/bin/tsc"),
        ["--pretty", "false"],
        folder,
      );
      return tsc.stdout.split(/\n(?=\S)/).filter(Boolean);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
