import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ImageStore } from "../../build/clients/docker.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { cacheWithout } from "../support/cache.ts";
import { findPair, type Pair, type Place } from "../support/engines.ts";
import { mkimage, mkimageJson, startMkimage } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";

const CELL = ["--os", "debian", "--arch", "amd64"];
const KEYS = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "secret" };

interface Built {
  readonly reference: string;
  readonly configDigest: string;
  readonly digest: string;
}

const PAIRS: readonly { store: ImageStore; place: Place }[] = [
  { store: "containerd", place: "outside" },
  { store: "classic", place: "outside" },
  { store: "containerd", place: "inside" },
  { store: "classic", place: "inside" },
];

/** Digests of what builders outside of an engine have made: they do not depend on its store. */
const outside = new Set<string>();

let pairs: readonly (Pair | string)[];
let project: Project;

beforeAll(async () => {
  pairs = await Promise.all(PAIRS.map(({ store, place }) => findPair(store, place)));
  const rie = pairs.flatMap((pair) => (typeof pair !== "string" && pair.rie ? [pair.rie] : []))[0];
  // The emulator of ECR keeps no exclusions, and builders give one tag different digests.
  project = await makeProject({ ecr: { tagMutability: "mutable" }, ...(rie ? { bases: { rie } } : {}) });
});
afterAll(() => project?.remove());

describe.each(PAIRS)("a $store store with a builder $place", (each) => {
  const { store, place } = each;
  let pair: Pair | string;
  let tmp: string;
  let env: Record<string, string>;
  let built: Built;
  /** Whether the builder can pack layers as Lambda takes them. */
  const packs = !(store === "classic" && place === "inside");

  const run = (...args: string[]) => mkimage([...args, ...CELL], { cwd: project.folder, env });
  const json = async <T>(...args: string[]): Promise<T> =>
    (await mkimageJson<[T]>([...args, ...CELL], { cwd: project.folder, env }))[0];
  const docker = async (...args: string[]) => (await execa("docker", args, { env })).stdout;
  const idOf = (reference: string) => docker("image", "inspect", "--format", "{{.Id}}", reference);
  const references = () =>
    docker(
      "images",
      "--format",
      "{{.Repository}}:{{.Tag}}",
      "--filter",
      "dangling=false",
      project.repository,
    );

  beforeAll(async () => {
    pair = pairs[PAIRS.indexOf(each)] as Pair | string;
    if (typeof pair === "string") {
      process.stderr.write(`NOT TESTED: a ${store} store with a builder ${place}: ${pair}\n`);
      return;
    }
    const folder = join(project.folder, `${store}-${place}`);
    tmp = join(folder, "tmp");
    await mkdir(tmp, { recursive: true });
    env = { ...pair.env, TMPDIR: tmp, MKIMAGE_CACHE: await cacheWithout(["tested"], folder) };
    // So that what is tested below has come without layers that the engine had already.
    const other = { ...env, SOURCE_DATE_EPOCH: "7" };
    if (place === "outside")
      expect((await mkimage(["build", ...CELL], { cwd: project.folder, env: other })).exitCode).toBe(0);
    built = await json<Built>("build");
  });
  afterAll(async () => {
    if (typeof pair === "string") return;
    const images = await docker(
      "images",
      "--quiet",
      "--filter",
      `label=mkimage.function=${project.function}`,
    );
    const ids = [...new Set(images.split("\n").filter(Boolean))];
    if (ids.length > 0) await docker("rmi", "--force", ...ids);
  });

  test("build: the engine has the image, and its config's digest is told", async ({ skip }) => {
    if (typeof pair === "string") return skip(pair);
    expect(await references()).toBe(built.reference);
    if (store === "classic") expect(await idOf(built.reference)).toBe(built.configDigest);
    if (place === "outside") expect(outside.add(built.configDigest).size).toBe(1);
  });

  test("test and invoke: it answers", async ({ skip }) => {
    if (typeof pair === "string") return skip(pair);
    expect(await json("test")).toMatchObject({
      id: await idOf(built.reference),
      emulated: expect.any(Boolean),
    });
    const { exitCode, stdout } = await run("invoke", '{"inputs":"hello world"}');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toHaveLength(384);
  });

  test("Ctrl-C at the last step: the engine has what it had, and nothing else is left", async ({ skip }) => {
    if (typeof pair === "string") return skip(pair);
    const before = [await references(), await idOf(built.reference)];
    const args = ["build", ...CELL, "--progress", "steps"];
    const other = { ...env, SOURCE_DATE_EPOCH: "8" };
    const build = startMkimage(args, { cwd: project.folder, env: other });
    for await (const line of createInterface({ input: build.stderr as Readable })) {
      if (/exporting to /.test(line)) process.kill(-(build.pid as number), "SIGINT");
    }
    expect(await build).toMatchObject({ exitCode: 130, stdout: "" });
    expect([await references(), await idOf(built.reference)]).toEqual(before);
    expect(await readdir(tmp)).toEqual([]);
  });

  test(`inspect and push: ${packs ? "the digest is told, and what was tested is sent" : "exit 3, and what mends it"}`, async ({
    skip,
  }) => {
    if (typeof pair === "string") return skip(pair);
    const { stdout } = await execa(join(TOOL_ROOT, "test/env/aws/up"));
    const endpoint = stdout.slice(stdout.indexOf("=") + 1);
    Object.assign(env, KEYS, { AWS_ENDPOINT_URL: endpoint });
    if (!packs) {
      const remedy = "docker buildx create --use --driver docker-container";
      const refused = { exitCode: 3, stdout: "", stderr: expect.stringContaining(remedy) };
      expect(await run("inspect")).toMatchObject(refused);
      const repository = `${project.repository}-${store}`;
      expect(await run("push", "--repository", repository)).toMatchObject(refused);
      const credentials = { accessKeyId: "test", secretAccessKey: "secret" };
      const ecr = new ECRClient({ endpoint, region: KEYS.AWS_REGION, credentials });
      const asked = ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [repository] }));
      await expect(asked).rejects.toThrow(/not exist/);
      return;
    }
    const inspected = await json<{ digest: string; configDigest: string; current: boolean }>("inspect");
    expect(inspected).toMatchObject({ current: true, configDigest: built.configDigest });
    if (store === "containerd") expect(await idOf(built.reference)).toBe(inspected.digest);
    const pushed = await run("push");
    expect(pushed.stderr).not.toContain("testing");
    expect(pushed.exitCode, pushed.stderr).toBe(0);
    expect(pushed.stdout).toBe(`${new URL(endpoint).host}/${project.repository}@${inspected.digest}`);
  });
});
