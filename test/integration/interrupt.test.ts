import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { containersOf, docker, eventually, imagesOf, runningBuilds } from "../support/engine.ts";
import { mkimage, mkimageJson, startMkimage } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";

const CELL = ["--os", "debian", "--arch", "amd64"];

let project: Project;
let reference: string;
let before: { id: string; references: string[] };

const idOf = (image: string) => docker("inspect", "--format", "{{.Id}}", image);

beforeAll(async () => {
  project = await makeProject();
  reference = `${project.repository}:debian-amd64`;
  await mkimageJson(["build", ...CELL], { cwd: project.folder });
  before = { id: await idOf(reference), references: await imagesOf(project.repository) };
});
afterAll(() => project?.remove());

/** As a terminal does it: to every process of the group. */
const pressCtrlC = (pid: number) => process.kill(-pid, "SIGINT");

/** Starts a build and stops it when a line of its output matches; says how it ended, and after how many seconds. */
async function interruptAt(
  pattern: RegExp,
  args: readonly string[],
  stop: (pid: number) => void = pressCtrlC,
) {
  // Another time makes another image.
  const own = { TMPDIR: project.folder, SOURCE_DATE_EPOCH: "7" };
  const run = startMkimage(["build", ...CELL, "--progress", "steps", ...args], {
    cwd: project.folder,
    env: own,
  });
  let pressed = 0;
  for await (const line of createInterface({ input: run.stderr as Readable })) {
    if (pressed || !pattern.test(line)) continue;
    pressed = performance.now();
    stop(run.pid as number);
  }
  const { exitCode, stdout } = await run;
  return { exitCode, stdout, seconds: (performance.now() - pressed) / 1000 };
}

/** Nothing of the interrupted run is left anywhere. */
async function expectNoTrace() {
  expect(await imagesOf(project.repository)).toEqual(before.references);
  expect(await idOf(reference)).toBe(before.id);
  expect(await containersOf(project.function)).toEqual([]);
  expect((await readdir(project.folder)).filter((name) => name.startsWith("mkimage-"))).toEqual([]);
}

describe("an interrupted build", () => {
  test.each([
    ["Ctrl-C", pressCtrlC],
    ["a SIGTERM to mkimage alone", (pid: number) => process.kill(pid, "SIGTERM")],
  ])("ends within seconds by %s, here and in the builder", async (_, stop) => {
    const others = new Set(await runningBuilds());
    const change = ["--no-cache"];
    const ended = await interruptAt(/stage \d\/\d\] RUN/, change, stop);
    expect(ended).toMatchObject({ exitCode: 130, stdout: "" });
    expect(ended.seconds).toBeLessThan(20);
    const left = async () => (await runningBuilds()).filter((build) => !others.has(build));
    await eventually(async () => ((await left()).length === 0 ? true : undefined), 10);
    await expectNoTrace();
  });

  test("that is killed leaves folders, and the next command removes them and ends what still builds", async () => {
    const others = new Set(await runningBuilds());
    const left = async () => (await runningBuilds()).filter((build) => !others.has(build));
    const folders = async () => (await readdir(project.folder)).filter((name) => name.startsWith("mkimage-"));
    const kill = (pid: number) => process.kill(pid, "SIGKILL");
    const change = ["--no-cache"];
    const ended = await interruptAt(/stage \d\/\d\] RUN/, change, kill);
    expect(ended).toMatchObject({ exitCode: undefined, stdout: "" });
    expect(await folders()).not.toEqual([]);
    const { exitCode, stderr } = await mkimage(["models", "list"], { cwd: project.folder });
    expect(stderr).toContain("cleaned up after a run that was killed");
    expect(exitCode).toBe(0);
    await eventually(async () => ((await left()).length === 0 ? true : undefined), 10);
    await expectNoTrace();
  });

  test("moves no reference when its last step was done", async () => {
    const ended = await interruptAt(/exporting to /, []);
    expect(ended).toMatchObject({ exitCode: 130, stdout: "" });
    await expectNoTrace();
  });

  test("leaves former layouts as they were", async () => {
    const layouts = join(project.folder, "layouts");
    const output = ["--output", `oci=${layouts}`];
    const [built] = await mkimageJson<[{ digest: string }]>(["build", ...CELL, ...output], {
      cwd: project.folder,
    });
    const ended = await interruptAt(/stage \d\/\d\] RUN/, [...output, "--no-cache"]);
    expect(ended).toMatchObject({ exitCode: 130, stdout: "" });
    expect(await readdir(layouts)).toEqual(["debian-amd64"]);
    const [again] = await mkimageJson<[{ digest: string }]>(["build", ...CELL, ...output], {
      cwd: project.folder,
    });
    expect(again).toEqual(built);
  });
});
