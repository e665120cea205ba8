/** `kill -9` at random points of builds and tests: the next start of mkimage leaves nothing of them. KILL_SEED repeats a run. */
import { randomInt } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { randomNumbers } from "../../runtime/generation/random.ts";
import { cacheWithout } from "../support/cache.ts";
import { containersOf, dockerLines, eventually, imagesOf, runningBuilds } from "../support/engine.ts";
import { mkimage, mkimageJson, startMkimage } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";

const KILLS = 20;

/** No kill comes later than this, in milliseconds: what a long build does then, it does before as well. */
const LATEST = 8000;

const seed = Number(process.env["KILL_SEED"] ?? randomInt(2 ** 31));
const random = randomNumbers(seed);

const CELL = ["--os", "debian", "--arch", "amd64"];
const EVENT = ["--event", "event.json"];

/** Folders of the cache that a run writes to beside content: here they are this test's own. */
const OWN = ["runs", "locks", "tested", "images", "logs", "uses"];

let project: Project;
let env: Record<string, string>;
let before: Awaited<ReturnType<typeof state>>;
const run = (...args: string[]) => mkimage(args, { cwd: project.folder, env });

/** What is there while no mkimage runs. */
async function state() {
  const { folder } = project;
  const cache = env["MKIMAGE_CACHE"] as string;
  const entries = await Promise.all(
    ["runs", "tested", "images"].map(async (name) => readdir(join(cache, name)).catch(() => [])),
  );
  return {
    folder: (await readdir(folder)).sort(),
    temporary: await readdir(join(folder, "tmp")),
    runs: entries[0],
    unfinished: entries.flat().filter((name) => !/^[^.]+(?:\.json)?$/.test(name)),
    containers: await containersOf(project.function),
    ofAnyImage: await dockerLines("images", "--quiet", "mkimage/any"),
    processes: await processes(),
    references: await imagesOf(project.repository),
  };
}

/** Command lines of processes that a run of this project has started: they have its folder for temporary files. */
async function processes(): Promise<string[]> {
  const found = await Promise.all(
    (await readdir("/proc"))
      .filter((name) => Number(name) > 0)
      .map(async (pid) => {
        const variables = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
        if (!variables.split("\0").includes(`TMPDIR=${env["TMPDIR"]}`)) return [];
        return [(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ")];
      }),
  );
  return found.flat().filter(Boolean);
}

/** What is killed: each takes a while, and has something to leave behind. */
const COMMANDS: readonly (readonly string[])[] = [
  ["build", ...CELL, "--image-version", "killed", "--no-cache"],
  ["test", ...CELL, "--thorough"],
  ["build", ...CELL, "--output", "oci=layouts"],
  ["test", "--image", "saved.tar", ...EVENT],
];

beforeAll(async () => {
  project = await makeProject();
  const { folder } = project;
  await mkdir(join(folder, "tmp"));
  env = { TMPDIR: join(folder, "tmp"), MKIMAGE_CACHE: await cacheWithout(OWN, folder) };
  const reference = `${project.repository}:debian-amd64`;
  await mkimageJson(["build", ...CELL], { cwd: folder, env });
  await dockerLines("save", "--output", join(folder, "saved.tar"), reference);
  await writeFile(join(folder, "event.json"), '{"inputs":"a"}');
});
afterAll(() => project?.remove());

test(`after each of ${KILLS} kills (KILL_SEED=${seed}) the next start leaves nothing`, async () => {
  const usual: number[] = [];
  for (const command of COMMANDS) {
    const start = performance.now();
    const { exitCode, stderr } = await run(...command);
    expect(exitCode, stderr).toBe(0);
    usual.push(performance.now() - start);
  }
  const others = new Set(await runningBuilds());
  before = await state();
  for (let round = 0; round < KILLS; round++) {
    const kind = round % COMMANDS.length;
    const command = COMMANDS[kind] as readonly string[];
    const at = random() * Math.min(usual[kind] as number, LATEST);
    const started = startMkimage(command, { cwd: project.folder, env });
    const isOver = await Promise.race([started.then(() => true), delay(at)]);
    // mkimage alone: what it has started has to be found.
    if (!isOver) process.kill(started.pid as number, "SIGKILL");
    await started;
    const what = `${command.join(" ")}, killed after ${Math.round(at)} ms`;
    const next = await run("models", "list");
    expect(next.exitCode, `${what}\n${next.stderr}`).toBe(0);
    expect(await state(), what).toEqual({ ...before, references: expect.anything() });
    const left = async () => (await runningBuilds()).filter((build) => !others.has(build));
    await eventually(async () => ((await left()).length === 0 ? true : undefined), 10);
  }
});
