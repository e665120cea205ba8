import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { githubWorkflow } from "../../build/ci/github.ts";
import { jobsOf } from "../../build/ci/jobs.ts";
import type { Config } from "../../build/config/config.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { temporaryFolder } from "../support/folder.ts";

const CONFIG = {
  functions: [
    { name: "embed", deploy: { os: "alpine", arch: "arm64" } },
    { name: "classify", deploy: { os: "debian", arch: "amd64" } },
  ],
  os: ["alpine", "debian"],
  arch: ["arm64", "amd64"],
  quantization: ["fp32"],
  flags: {},
} as unknown as Config;

/** What actionlint says of workflows in a folder that is a repository; nothing for good ones. */
async function lint(workflow: string): Promise<string> {
  const { stdout: actionlint } = await execa(join(TOOL_ROOT, "test/env/actionlint/up"), {
    stderr: "inherit",
  });
  const folder = await temporaryFolder();
  const workflows = join(folder, ".github", "workflows");
  await mkdir(workflows, { recursive: true });
  await execa("git", ["init", "--quiet"], { cwd: folder });
  await cp(join(TOOL_ROOT, "action.yml"), join(folder, "action.yml"));
  await writeFile(join(workflows, "mkimage.yml"), workflow);
  const { stdout } = await execa(actionlint, ["-no-color", "-shellcheck=", "-pyflakes="], {
    cwd: folder,
    reject: false,
  });
  return stdout;
}

test("actionlint finds nothing in the workflow of `mkimage ci github`", async () => {
  expect(await lint(githubWorkflow(jobsOf(CONFIG), "1.0.0"))).toBe("");
});

const using = (input: string) => `on: push
jobs:
  release:
    runs-on: ubuntu-24.04-arm
    permissions: { contents: read, id-token: write }
    steps:
      - uses: actions/checkout@v4
      - id: release
        uses: ./
        with:
          ${input}: release
      - run: echo "$ARNS"
        env: { ARNS: "\${{ steps.release.outputs.arns }}" }
`;

test("action.yml is an action that a workflow can use; an input that it has not is found", async () => {
  expect(await lint(using("command"))).toBe("");
  expect(await lint(using("comand"))).toContain('input "comand" is not defined in action "mkimage"');
});

test.each(["ci.yml", "release.yml"])("actionlint finds nothing in this repository's own %s", async (name) => {
  expect(await lint(await readFile(join(TOOL_ROOT, ".github/workflows", name), "utf8"))).toBe("");
});
