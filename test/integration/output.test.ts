import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { mkimage } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";

const CELL = ["--os", "debian", "--arch", "amd64"];
const ESCAPE = "\u001b";

let project: Project;
beforeAll(async () => {
  project = await makeProject();
});
afterAll(() => project?.remove());

test("stdout has the references and nothing else; stderr a plain line per step", async () => {
  const { exitCode, stdout, stderr } = await mkimage(["build", ...CELL], { cwd: project.folder });
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toBe(`${project.repository}:debian-amd64`);
  expect(stderr).not.toContain(ESCAPE);
  expect(stderr).toMatch(
    /^\[.*function \d\/\d\] (?:LINK )?COPY --link --from=runtime \/ \/ (?:\(cached\)|[\d.]+ s)$/m,
  );
});

test("--json is one document, also of a test", async () => {
  const built = await mkimage(["build", ...CELL, "--json"], { cwd: project.folder });
  expect(JSON.parse(built.stdout)).toMatchObject([{ name: "debian-amd64", platform: "linux/amd64" }]);
  const tested = await mkimage(["test", ...CELL, "--json"], { cwd: project.folder });
  expect(JSON.parse(tested.stdout)).toMatchObject([
    { name: "debian-amd64", emulated: process.arch !== "x64" },
  ]);
  expect(built.stderr + tested.stderr).not.toContain(ESCAPE);
});

test("--print is one document that bake itself can read, and nothing is built", async () => {
  const { stdout } = await mkimage(["build", ...CELL, "--print"], { cwd: project.folder });
  const { stdout: read } = await execa("docker", ["buildx", "bake", "--file", "-", "--print"], {
    input: stdout,
  });
  expect(Object.keys(JSON.parse(read).target)).toContain(`${project.function}-debian-amd64`);
});

const hasScript = (await execa("script", ["--version"], { reject: false })).exitCode === 0;

test.runIf(hasScript)("on a terminal bake draws its own progress", async () => {
  const command = [process.execPath, join(TOOL_ROOT, "build", "cli.ts"), "build", ...CELL].join(" ");
  const env = { CI: "", TERM: "xterm" };
  const { stdout } = await execa("script", ["-qefc", command, "/dev/null"], { cwd: project.folder, env });
  expect(stdout).toContain(ESCAPE);
  expect(stdout).toContain(`${project.repository}:debian-amd64`);
});
