import { appendFile, copyFile, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { layoutBlob, readLayout } from "../../build/builder/oci.ts";
import { readLayer } from "../support/layers.ts";
import { mkimageJson } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";

const TOKEN = "npm_thisTokenIsASecretOfTheTest0123456789";
const CELL = ["--os", "debian", "--arch", "amd64"];

let project: Project;
beforeAll(async () => {
  project = await makeProject();
});
afterAll(() => project?.remove());

/** The user's own npm settings with a token added, as the settings file of one build. */
async function npmSettingsWithToken(): Promise<string> {
  const path = join(project.folder, "npmrc");
  const own = process.env["NPM_CONFIG_USERCONFIG"] ?? join(homedir(), ".npmrc");
  await copyFile(own, path).catch(() => {});
  await appendFile(path, `\n//registry.example.com/:_authToken=${TOKEN}\n`);
  return path;
}

interface Built {
  readonly reference: string;
  readonly digest: string;
  readonly configDigest: string;
}

test("two builds from nothing give the same images in each number format, and npm's token is nowhere in them", async () => {
  const env = { NPM_CONFIG_USERCONFIG: await npmSettingsWithToken() };
  const build = (folder: string) => {
    const output = `oci=${join(project.folder, folder)}`;
    const args = ["build", "--no-cache", ...CELL, "--quantization", "fp32,int8,int4", "--output", output];
    return mkimageJson<Built[]>(args, { cwd: project.folder, env });
  };
  const digests = (built: readonly Built[]) =>
    built.map(({ digest, configDigest }) => ({ digest, configDigest }));
  const first = await build("first");
  const second = await build("second");
  expect(first).toHaveLength(3);
  expect(digests(second)).toEqual(digests(first));

  const seen = new Set<string>();
  for (const { reference } of second) {
    const { config, layers } = await readLayout(reference);
    expect(await readFile(layoutBlob(reference, config.digest), "utf8")).not.toContain(TOKEN);
    for (const { digest } of layers.filter((layer) => !seen.has(layer.digest))) {
      seen.add(digest);
      for (const { name, content } of await readLayer(reference, digest)) {
        expect(name.endsWith(".npmrc"), name).toBe(false);
        expect(content.includes(TOKEN), name).toBe(false);
      }
    }
  }
});
