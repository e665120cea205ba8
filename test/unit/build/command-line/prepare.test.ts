import { join } from "node:path";
import { execa } from "execa";
import { expect, test, vi } from "vitest";
import { prepareBuilt, requireVersion } from "../../../../build/command-line/prepare.ts";
import { loadConfig } from "../../../../build/config/config.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

const FILES = {
  "mkimage.json": { functions: { embed: { model: "tiny" } }, os: ["alpine"], arch: ["arm64"] },
  "models/tiny.json": {
    task: "feature-extraction",
    source: "file:weights",
    files: { "model.onnx": "m.onnx" },
  },
};

/** A project in a repository of another user, and what mkimage says of it on stderr. */
async function strangersProject() {
  const folder = await temporaryFolder(FILES);
  await execa("git", ["init", "--quiet"], { cwd: folder });
  vi.stubEnv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
  const said: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((line) => said.push(String(line)) > 0);
  return { folder, said, args: { config: join(folder, "mkimage.json"), json: false } };
}

test("a revision that git refuses to tell is said, and the version is 0", async () => {
  const { args, said } = await strangersProject();
  const [image] = await prepareBuilt(args);
  expect(image).toMatchObject({ version: "0" });
  expect(said.join("")).toMatch(
    /cannot be told: .*dubious ownership.*; images get the version 0\n.*safe\.directory/,
  );
});

test("nothing is pushed as version 0 then, unless the version is given", async () => {
  const { args } = await strangersProject();
  const error = await refusal(async () => requireVersion(await loadConfig(args)));
  expect(error).toMatchObject({ exitCode: 3, hint: expect.stringContaining("safe.directory") });
  await requireVersion(await loadConfig({ ...args, imageVersion: "1.0" }));
});

test("outside of git there is no revision to tell: the version is 0 and nothing is said", async () => {
  const folder = await temporaryFolder(FILES);
  vi.stubEnv("GIT_CEILING_DIRECTORIES", join(folder, ".."));
  const config = join(folder, "mkimage.json");
  await requireVersion(await loadConfig({ config }));
  expect(await prepareBuilt({ config, json: false })).toMatchObject([{ version: "0" }]);
});
