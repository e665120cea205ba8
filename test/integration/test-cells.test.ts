import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildInPlace } from "../support/image.ts";
import { mkimage } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";

const ARCH = ["--arch", "amd64"];
let project: Project;
const run = (...args: string[]) => mkimage(args, { cwd: project.folder });

/** One cell that is good, one that exits at once, and one that was never built. */
beforeAll(async () => {
  project = await makeProject();
  const { exitCode, stderr } = await run("build", "--os", "debian", ...ARCH);
  expect(exitCode, stderr).toBe(0);
  await buildInPlace(
    project.folder,
    { os: ["alpine"], arch: ["amd64"] },
    'FROM alpine:3.23\nENTRYPOINT ["/bin/false"]\n',
  );
});

afterAll(async () => project?.remove());

test("a cell that fails does not stop the others: all are told, and the exit code is 1", async () => {
  const report = join(project.folder, "report.xml");
  const cells = ["--os", "alpine,debian,ubuntu", ...ARCH];
  const more = ["--junit", report, "--memory", "1024", "--env", "MODE=not-for-any-log"];
  const { exitCode, stdout, stderr } = await run("test", ...cells, ...more);
  expect(exitCode, stderr).toBe(1);
  expect(stderr).toMatch(
    /Again: mkimage test --function \S+ --os alpine --arch amd64 .*--memory 1024 --env MODE\n/,
  );
  expect(stderr).not.toContain("not-for-any-log");
  const of = (os: string) =>
    stdout.split("\n").find((line) => line.startsWith(`${project.repository}:${os}-amd64 `));
  expect(of("debian")).toMatch(/ passed +\d+ ms/);
  expect(of("alpine")).toMatch(/ failed /);
  expect(of("ubuntu")).toMatch(/ not built /);
  expect(stderr).toContain("has not been built");
  expect(stderr).toContain("2 of 3 images have not passed");
  expect(stderr).toMatch(/Run: mkimage build .*--os ubuntu/);
  const xml = await readFile(report, "utf8");
  expect(xml).toContain('tests="3" failures="1" errors="0" skipped="1"');
});

test("--json is one document with every cell, also when some fail", async () => {
  const { exitCode, stdout } = await run("test", "--os", "debian,ubuntu", ...ARCH, "--json");
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject([
    { name: "debian-amd64", status: "passed", emulated: false },
    {
      name: "ubuntu-amd64",
      status: "not built",
      fault: { message: expect.stringContaining("has not been built") },
    },
  ]);
  const one = await run("test", "--os", "ubuntu", ...ARCH, "--json");
  expect(one.exitCode).toBe(1);
  expect(JSON.parse(one.stdout)).toHaveLength(1);
});
