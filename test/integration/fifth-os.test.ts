import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CopiedTree, copyTree } from "../support/copied-tree.ts";

const ROW = `
  wolfi: {
    title: "Wolfi",
    base: "cgr.dev/chainguard/wolfi-base:latest",
    abi: { GLIBC: "2.42", GLIBCXX: "3.4.34", CXXABI: "1.3.15" },
  },`;

/** A copy of the tree in which nothing but a row of the catalog is new. */
let tree: CopiedTree;
let project: string;
const mkimage: CopiedTree["mkimage"] = (...args) => tree.mkimage(...args);

beforeAll(async () => {
  tree = await copyTree({
    "project/mkimage.json": { functions: { embed: { model: "tiny" } } },
    "project/models/tiny.json": {
      task: "feature-extraction",
      source: "file:weights",
      files: { "model.onnx": "model.onnx", "tokenizer.json": "tokenizer.json" },
    },
    "project/weights/model.onnx": "weights",
    "project/weights/tokenizer.json": "{}",
  });
  project = join(tree.folder, "project");
  await tree.insert("build/catalog.ts", "export const OSES = {", ROW);
  const { exitCode, stderr } = await mkimage("lock");
  if (exitCode !== 0) throw new Error(stderr);
});

afterAll(() => tree?.remove());

test("one row makes a fifth operating system", async () => {
  const { stdout } = await mkimage("build", "--print", "--os", "wolfi");
  const { group, target } = JSON.parse(stdout);
  expect(group.default.targets).toEqual(["embed-wolfi-arm64", "embed-wolfi-amd64"]);
  expect(target["system-wolfi-arm64"]).toMatchObject({
    context: join(tree.folder, "images/system"),
    args: { BASE: "cgr.dev/chainguard/wolfi-base:latest" },
    platforms: ["linux/arm64"],
  });
  expect(target["embed-wolfi-arm64"]).toMatchObject({
    context: join(tree.folder, "images/system"),
    labels: {
      "mkimage.os": "wolfi",
      "org.opencontainers.image.base.name": "cgr.dev/chainguard/wolfi-base:latest",
    },
    platforms: ["linux/arm64"],
    tags: ["project/embed:wolfi-arm64"],
  });
});

test("it is in the matrix of a configuration that names no system", async () => {
  const { group } = JSON.parse((await mkimage("build", "--print")).stdout);
  expect(group.default.targets).toHaveLength(10);
});

test("options, schema, errors and bases know it", async () => {
  expect((await mkimage("build", "--help")).stdout).toContain("wolfi");
  expect((await mkimage("build", "--print", "--os", "wofli")).stderr).toContain('Did you mean "wolfi"?');
  const { stdout } = await mkimage("build", "--print", "--os", "wolfi", "--base", "wolfi=wolfi:1");
  expect(JSON.parse(stdout).target["system-wolfi-amd64"].args.BASE).toBe("wolfi:1");
  await writeFile(
    join(project, "wolfi.json"),
    JSON.stringify({ functions: { embed: { model: "tiny" } }, os: ["wolfi"] }),
  );
  expect((await mkimage("build", "--print", "--config", "wolfi.json")).exitCode).toBe(0);
});

test("types hold without a further change", async () => {
  expect(await tree.typeErrors()).toEqual([]);
});
