import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { writeTree } from "../support/folder.ts";

const ROW = `
  wolfi: {
    title: "Wolfi",
    base: "cgr.dev/chainguard/wolfi-base:latest",
    abi: { GLIBC: "2.42", GLIBCXX: "3.4.34", CXXABI: "1.3.15" },
  },`;
const TABLE = "export const OSES = {";

/** A copy of the tree in which nothing but these two is new: a row of the catalog, and a Dockerfile. */
let copy: string;
let project: string;

const mkimage = (...args: string[]) =>
  execa(process.execPath, [join(copy, "build/cli.ts"), ...args], {
    cwd: project,
    reject: false,
    env: { MKIMAGE_CACHE: join(project, ".cache") },
  });

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "mkimage-fifth-"));
  for (const part of ["build", "images", "models", "package.json", "tsconfig.json"]) {
    await cp(join(TOOL_ROOT, part), join(copy, part), { recursive: true });
  }
  await symlink(join(TOOL_ROOT, "node_modules"), join(copy, "node_modules"));
  const catalog = await readFile(join(copy, "build/catalog.ts"), "utf8");
  const dockerfile = await readFile(join(copy, "images/debian/Dockerfile"), "utf8");
  await writeTree(copy, {
    "build/catalog.ts": catalog.replace(TABLE, `${TABLE}${ROW}`),
    "images/wolfi/Dockerfile": dockerfile.replace(
      /^ARG BASE=.*$/m,
      "ARG BASE=cgr.dev/chainguard/wolfi-base:latest",
    ),
  });
  project = join(copy, "project");
  await writeTree(project, {
    "mkimage.json": { functions: { embed: { model: "tiny" } } },
    "models/tiny.json": {
      task: "feature-extraction",
      source: "file:weights",
      files: { "model.onnx": "model.onnx", "tokenizer.json": "tokenizer.json" },
    },
    "weights/model.onnx": "weights",
    "weights/tokenizer.json": "{}",
  });
  const { exitCode, stderr } = await mkimage("lock");
  if (exitCode !== 0) throw new Error(stderr);
});

afterAll(() => rm(copy, { recursive: true, force: true }));

test("one row and one Dockerfile make a fifth operating system", async () => {
  const { stdout } = await mkimage("build", "--print", "--os", "wolfi");
  const { group, target } = JSON.parse(stdout);
  expect(group.default.targets).toEqual(["embed-wolfi-arm64", "embed-wolfi-amd64"]);
  expect(target["system-wolfi-arm64"]).toMatchObject({
    context: join(copy, "images/wolfi"),
    args: { BASE: "cgr.dev/chainguard/wolfi-base:latest" },
    platforms: ["linux/arm64"],
  });
  expect(target["embed-wolfi-arm64"]).toMatchObject({
    context: join(copy, "images/wolfi"),
    labels: {
      "mkimage.os": "wolfi",
      "org.opencontainers.image.base.name": "cgr.dev/chainguard/wolfi-base:latest",
    },
    platforms: ["linux/arm64"],
    tags: ["mkimage/embed:wolfi-arm64"],
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
  const tsc = join(TOOL_ROOT, "node_modules/typescript/bin/tsc");
  const { stdout, exitCode } = await execa(process.execPath, [tsc], {
    cwd: copy,
    reject: false,
  });
  expect(stdout).toBe("");
  expect(exitCode).toBe(0);
});
