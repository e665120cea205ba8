import { afterAll, beforeAll, expect, test } from "vitest";
import { ARCHES, names, OSES } from "../../build/catalog.ts";
import { connectDocker } from "../../build/clients/docker.ts";
import { loadSpec } from "../../build/models/specs.ts";
import { withSandbox } from "../../build/smoke/sandbox.ts";
import { docker, imagesOf } from "../support/engine.ts";
import { mkimage, mkimageJson } from "../support/mkimage.ts";
import { MODEL, makeProject, type Project } from "../support/project.ts";

interface BuiltCell {
  readonly name: string;
  readonly reference: string;
  readonly platform: string;
  readonly configDigest: string;
}

interface TestedCell {
  readonly name: string;
  readonly emulated: boolean;
  readonly largestDifference: number;
  readonly firstMs: number;
}

const CELLS = names(OSES).flatMap((os) => names(ARCHES).map((arch) => `${os}-${arch}`));

let project: Project;
let built: BuiltCell[];

beforeAll(async () => {
  project = await makeProject();
  built = await mkimageJson(["build"], { cwd: project.folder });
});

afterAll(() => project?.remove());

test("one build gives every operating system for every architecture", async () => {
  expect(built.map(({ name }) => name).sort()).toEqual([...CELLS].sort());
  expect(await imagesOf(project.repository)).toEqual(
    CELLS.map((cell) => `${project.repository}:${cell}`).sort(),
  );
});

test("each image in the store is the one that was built, and of its own architecture", async () => {
  for (const { reference, platform, configDigest } of built) {
    const facts = await docker("inspect", "--format", "{{.Id}} {{.Os}}/{{.Architecture}}", reference);
    expect(facts).toBe(`${configDigest} ${platform}`);
  }
});

test("every image answers as the model's spec expects, those of the other architecture emulated", async () => {
  const { tolerance } = await loadSpec(project.folder, MODEL);
  const tested = await mkimageJson<TestedCell[]>(["test"], { cwd: project.folder });
  const machine = (await docker("info", "--format", "{{.Architecture}}")) === "aarch64" ? "arm64" : "amd64";
  expect(tested.map(({ name }) => name).sort()).toEqual([...CELLS].sort());
  for (const { name, emulated, largestDifference, firstMs } of tested) {
    expect(largestDifference, name).toBeGreaterThan(0);
    expect(largestDifference, name).toBeLessThanOrEqual(Number(tolerance));
    expect(firstMs, name).toBeGreaterThan(0);
    expect(emulated, name).toBe(!name.endsWith(machine));
  }
});

test("invoke prints the function's answer and nothing else", async () => {
  const cell = ["--os", "alpine", "--arch", "arm64"];
  const event = JSON.stringify({ inputs: "A sentence that no spec has." });
  const { exitCode, stdout, stderr } = await mkimage(["invoke", ...cell, event], { cwd: project.folder });
  expect(exitCode, stderr).toBe(0);
  expect(JSON.parse(stdout)).toHaveLength(384);
  expect(Math.hypot(...JSON.parse(stdout))).toBeCloseTo(1, 3);
});

test("on arm64, without a list of CPUs as on Lambda, the log has what cpuinfo complains of as JSON alone", async () => {
  const image = { reference: `${project.repository}:debian-arm64`, arch: "arm64", memory: 1769 } as const;
  const logOf = async (level: string) =>
    withSandbox(
      await connectDocker(),
      { ...image, function: project.function },
      { signal: new AbortController().signal, env: [`AWS_LAMBDA_LOG_LEVEL=${level}`] },
      async ({ invoke, logs }) => {
        await invoke(['{"inputs":"a"}']);
        return (await logs()).split("\n");
      },
    );
  const complaints = (lines: string[]) => lines.filter((line) => line.includes("cpuinfo"));
  expect(complaints(await logOf("INFO"))).toEqual([]);
  const [line, ...others] = complaints(await logOf("DEBUG"));
  expect(JSON.parse(line ?? "")).toMatchObject({
    level: "DEBUG",
    text: expect.stringContaining("Error in cpuinfo"),
  });
  expect(others).toEqual([]);
});

test("a second build changes nothing", async () => {
  const again = await mkimageJson<BuiltCell[]>(["build"], { cwd: project.folder });
  expect(again).toEqual(built);
});
