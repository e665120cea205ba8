/**
 * What a command costs beside its work: `make bench-cli`, or `node test/bench/cli.ts [--check] [--json]`. The start of the
 * compiled tool against `node -e 0`; where nothing is left to do, `init`, `build` and `test` against `docker buildx bake` of
 * the file that `build --print` prints, for an image of this machine's architecture. By turns; the least of each, which is
 * what it takes without the machine's other work.
 */
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { arch, tmpdir } from "node:os";
import { join } from "node:path";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { makeProject } from "../support/project.ts";
import { type Figure, report } from "./figure.ts";

const START_ROUNDS = 15;
const WORK_ROUNDS = 5;
const CLI = join(TOOL_ROOT, "dist/build/cli.js");

/** Command lines with the largest ratio that meets the goal. */
const STARTS: readonly (readonly [line: string, goal: number])[] = [
  ["--version", 3],
  ["--help", 3],
  ["build --help", 12],
  ["push --help", 20],
  ["models list --help", 12],
];

const least = new Map<string, number>();

/** Runs a program to its end, and keeps its time where it is the least so far. */
function measure(name: string, [program = "", ...args]: readonly string[], cwd = process.cwd()): void {
  const start = performance.now();
  execFileSync(program, args, { stdio: "ignore", cwd });
  least.set(name, Math.min(least.get(name) ?? Infinity, performance.now() - start));
}

const tool = (...args: string[]) => [process.execPath, CLI, ...args];

const figure = (name: string, against: string, goal: number): Figure => ({
  name: `mkimage ${name}`,
  against,
  ours: least.get(name) as number,
  theirs: least.get(against) as number,
  unit: "ms",
  goal,
});

function measureStarts(): Figure[] {
  const bare = "node -e 0";
  for (let round = 0; round < START_ROUNDS; round++) {
    measure(bare, [process.execPath, "-e", "0"]);
    for (const [line] of STARTS) measure(line, tool(...line.split(" ")));
  }
  return STARTS.map(([line, goal]) => figure(line, bare, goal));
}

/** A project that is built and tested already: what is measured finds nothing to do. */
async function measureIdle(): Promise<Figure[]> {
  const project = await makeProject();
  const empty = await mkdtemp(join(tmpdir(), "mkimage-bench-"));
  try {
    const cell = ["--os", "debian", "--arch", arch() === "arm64" ? "arm64" : "amd64"];
    const run = (...args: string[]) =>
      execFileSync(process.execPath, [CLI, ...args], {
        cwd: project.folder,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
    run("build", ...cell);
    const file = join(project.folder, "bake.json");
    writeFileSync(file, run("build", "--print", ...cell));
    const [{ directory }] = JSON.parse(run("models", "fetch", "--json"));
    const bake = "docker buildx bake";
    // To nowhere: a file of `--print` names the engine's store as its output.
    const baking = [
      "docker",
      "buildx",
      "bake",
      "--file",
      file,
      "--allow=fs.read=*",
      "--set=*.output=type=cacheonly",
    ];
    const task = ["--task", "feature-extraction", "--force"];
    for (let round = 0; round < WORK_ROUNDS; round++) {
      measure(bake, baking, project.folder);
      measure("build", tool("build", ...cell), project.folder);
      measure("test", tool("test", ...cell), project.folder);
      measure("init", tool("init", `file:${directory}`, "--allow-outside", "--name", "tiny", ...task), empty);
    }
    return [figure("init", bake, 3), figure("build", bake, 3), figure("test", bake, 10)];
  } finally {
    await project.remove();
    rmSync(empty, { recursive: true, force: true });
  }
}

report([...measureStarts(), ...(await measureIdle())]);
