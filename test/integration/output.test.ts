import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { temporaryFolder } from "../support/folder.ts";
import { mkimage } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";
import { terminal } from "../support/terminal.ts";

const CELL = ["--os", "debian", "--arch", "amd64"];
const ESCAPE = "\u001b";

let project: Project;
beforeAll(async () => {
  project = await makeProject();
});
afterAll(() => project?.remove());

test("stdout has the references and nothing else; stderr a line per model and cell, and a table", async () => {
  const { exitCode, stdout, stderr } = await mkimage(["build", ...CELL], { cwd: project.folder });
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toBe(`${project.repository}:debian-amd64`);
  expect(stderr).not.toContain(ESCAPE);
  expect(stderr).toMatch(/^model paraphrase-minilm-l3 fp32: cosine ≥ \S+/m);
  expect(stderr).toMatch(/^cell debian-amd64: built [\d.]+ MB$/m);
  expect(stderr).toMatch(/^image +(?:un)?packed .*gate +seconds\n\S+:debian-amd64 +[\d.]+ MB/m);
  expect(stderr).toContain("mkimage test --os debian --arch amd64\n");
  expect(stderr, "steps of the builder").not.toContain("] ");
});

test("--progress steps has a line per step, and quiet none at all", async () => {
  const steps = await mkimage(["build", ...CELL, "--progress", "steps"], { cwd: project.folder });
  // Of steps that another build has the builder keep at hand, it may tell none.
  const told = steps.stderr.match(
    /^\[[\w-]+ [\w-]+ \d\/\d\] (?:LINK )?(?:COPY|RUN|FROM) .* (?:\(cached\)|[\d.]+ s)$/gm,
  );
  expect(told?.length).toBeGreaterThan(10);
  const quiet = await mkimage(["build", ...CELL, "--progress", "quiet"], { cwd: project.folder });
  expect(quiet).toMatchObject({ stderr: "", stdout: steps.stdout });
});

test("a job of GitHub Actions gets a group per phase, an annotation for an error, and a table in its summary", async () => {
  const summary = join(await temporaryFolder(), "summary.md");
  const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary };
  const { stderr } = await mkimage(["build", ...CELL], { cwd: project.folder, env });
  expect(stderr.match(/^::group::.*|^::endgroup::/gm)).toEqual([
    "::group::models and parts",
    "::endgroup::",
    "::group::images",
    "::endgroup::",
  ]);
  expect(await readFile(summary, "utf8")).toContain(`| ${project.repository}:debian-amd64 |`);
  const failed = await mkimage(["build", "--os", "alpne"], { cwd: project.folder, env });
  expect(failed.stderr).toMatch(/^::error title=mkimage::.*alpne/m);
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

/** What a command leaves on a terminal of this size. */
async function onTerminal(args: readonly string[], env: Record<string, string> = {}) {
  const command = [process.execPath, join(TOOL_ROOT, "build", "cli.ts"), ...args].join(" ");
  const sized = `stty cols 100 rows 40; exec ${command}`;
  const { stdout } = await execa("script", ["-qefc", sized, "/dev/null"], {
    cwd: project.folder,
    env: { CI: "", TERM: "xterm-256color", ...env },
  });
  const { write, lines } = terminal(100, 40);
  write(stdout);
  return { raw: stdout, lines: await lines() };
}

test.runIf(hasScript)("on a terminal rows are drawn in place, and end as a table", async () => {
  const { raw, lines } = await onTerminal(["build", ...CELL]);
  expect(raw, "cursor movements").toContain(`${ESCAPE}[1A`);
  expect(lines[0]).toMatch(/^ models {2}paraphrase-minilm-l3 fp32 ✓ cosine ≥ \S+/);
  expect(lines[1]).toMatch(/^ parts {3}node ✓ .*runtime ✓/);
  const cells = lines.filter((line) => line.startsWith(" cells"));
  expect(cells, "drawn once").toEqual([expect.stringMatching(/^ cells {3}debian-amd64 ✓ built [\d.]+ MB$/)]);
  const table = lines.indexOf(cells[0] as string) + 2;
  expect(lines.slice(table, table + 2)).toEqual([
    expect.stringMatching(/^image +(?:un)?packed/),
    expect.stringMatching(new RegExp(`^${project.repository}:debian-amd64 +[\\d.]+ MB`)),
  ]);
  expect(lines.at(-1)).toBe("  mkimage push --os debian --arch amd64");
});

test.runIf(hasScript)("NO_COLOR: no colors; CI and --progress plain: lines", async () => {
  const { raw } = await onTerminal(["build", ...CELL], { NO_COLOR: "1" });
  expect(raw).toContain(`${ESCAPE}[1A`);
  for (const color of [31, 32, 36]) expect(raw).not.toContain(`${ESCAPE}[${color}m`);
  for (const plain of [
    await onTerminal(["build", ...CELL], { CI: "1" }),
    await onTerminal(["build", ...CELL, "--progress", "plain"]),
  ])
    expect(plain.raw).not.toContain(ESCAPE);
});
