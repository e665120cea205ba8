import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { builderDriver } from "../../build/clients/buildx.ts";
import { type FreshBuilder, nodeName, twoNodeBuilder } from "../support/builder.ts";
import { cacheWithout } from "../support/cache.ts";
import { type Distribution, startDistribution } from "../support/distribution.ts";
import { mkimage, mkimageJson } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";

interface Built {
  name: string;
  digest: string;
  configDigest: string;
}

const history = async (...args: string[]): Promise<string[]> =>
  (await execa("docker", ["buildx", "history", ...args])).stdout.split("\n").filter(Boolean);

/** What the current builder is, so that one of the two nodes has most parts. */
async function currentEndpoint(): Promise<{ amd64?: string }> {
  if ((await builderDriver()) !== "remote") return {};
  const { stdout } = await execa("docker", ["buildx", "inspect"]);
  const [, endpoint] = /^Endpoint:\s+(\S+)/m.exec(stdout) ?? [];
  return endpoint ? { amd64: endpoint } : {};
}

let project: Project;
let builder: FreshBuilder;
let registry: Distribution;
let two: Built[];

beforeAll(async () => {
  project = await makeProject({ version: "1.0" });
  builder = await twoNodeBuilder(await currentEndpoint());
  registry = await startDistribution();
});

afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  await builder?.remove();
  await project?.remove();
});

test("a builder of two nodes makes each image on the node of its architecture, with the digests of one node", async () => {
  const build = (into: string, env = {}) =>
    mkimageJson<Built[]>(
      ["build", "--frozen", "--os", "debian", "--output", `oci=${join(project.folder, into)}`],
      { cwd: project.folder, env },
    );
  const digests = (built: readonly Built[]) =>
    built.map(({ name, digest, configDigest }) => ({ name, digest, configDigest }));

  const started = new Date().toISOString();
  two = await build("two", builder.env);
  const { BUILDX_BUILDER: name = "" } = builder.env;
  const records = (await history("ls", "--builder", name, "--no-trunc", "--format", "json")).map(
    (line) => JSON.parse(line) as { ref: string; name: string; created_at: string },
  );
  expect(two.map((each) => each.name).sort()).toEqual(["debian-amd64", "debian-arm64"]);
  // The node of amd64 may also build for others meanwhile, and forgets; that of arm64 is this test's own.
  const own = records.filter(
    ({ ref, created_at }) => created_at > started && ref.startsWith(`${name}/${nodeName(builder, "arm64")}/`),
  );
  const images = own.filter((record) => record.name === "system (function)");
  expect(images).toHaveLength(1);
  expect(own.map((record) => record.name)).toEqual(
    expect.arrayContaining(["model (report)", "runtime (program)", "runtime (verifier)"]),
  );
  const id = images[0]?.ref.split("/").at(-1) ?? "";
  const shown = await history("inspect", "--builder", name, id, "--format", "json");
  expect(JSON.parse(shown.join("\n")).Platform).toEqual(["linux/arm64"]);
  expect(digests(two)).toEqual(digests(await build("one")));
});

interface Pushed extends Built {
  reference: string;
  attestations: { provenance: string };
}

test("images of both nodes are tested and pushed, with the digests that were built and a provenance each", async () => {
  const cache = await cacheWithout(["images", "tested"], project.folder);
  const args = ["push", "--frozen", "--os", "debian", "--registry", registry.host, "--provenance"];
  const run = { cwd: project.folder, env: { ...builder.env, MKIMAGE_CACHE: cache } };
  const pushed = await mkimageJson<Pushed[]>(args, run);
  const byName = (rows: readonly Built[]) => rows.map(({ name, digest }) => `${name} ${digest}`).sort();
  expect(byName(pushed)).toEqual(byName(two));
  for (const { digest, attestations } of pushed) {
    const found = await registry.ask(project.repository, `manifests/${attestations.provenance}`, {
      headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
    });
    expect(((await found.json()) as { subject: object }).subject).toMatchObject({ digest });
  }
});

test("bases are pinned as one node pins them, and doctor sees both nodes", async () => {
  const lock = async (env = {}) => {
    const { exitCode, stderr } = await mkimage(["lock", "--bases"], { cwd: project.folder, env });
    expect(exitCode, stderr).toBe(0);
    return readFile(join(project.folder, "models/lock.json"), "utf8");
  };
  const onTwo = await lock(builder.env);
  expect(onTwo).toContain("debian:trixie-slim");
  expect(await lock()).toBe(onTwo);
  const { stdout } = await mkimage(["doctor", "--json"], { cwd: project.folder, env: builder.env });
  expect(JSON.parse(stdout)).toContainEqual({
    name: "builder",
    found: expect.stringMatching(/, 2 nodes, BuildKit \S+$/),
  });
});
