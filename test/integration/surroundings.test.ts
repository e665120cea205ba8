import { chmod, mkdir, rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import { execa, type Options } from "execa";
import { describe, expect, test } from "vitest";
import { temporaryFolder, writeTree } from "../support/folder.ts";

const CLI = join(import.meta.dirname, "../../build/cli.ts");
const SPEC = {
  task: "feature-extraction",
  source: "file:weights",
  files: { "model.onnx": "m.onnx", "tokenizer.json": "t.json" },
};
const FILES = {
  "mkimage.json": { functions: { embed: { model: "tiny" } }, os: ["alpine"], arch: ["arm64"] },
  "models/tiny.json": SPEC,
  "weights/m.onnx": "weights",
  "weights/t.json": {},
};

/** A command that never is a bug, in a project with a home, a cache and no engine. */
async function mkimage(folder: string, args: readonly string[], options: Options = {}) {
  const env = { HOME: folder, MKIMAGE_CACHE: join(folder, ".cache"), PATH: "/nonexistent", ...options.env };
  const all = { cwd: folder, reject: false, ...options, env };
  const { exitCode, stdout, stderr } = await execa(process.execPath, [CLI, ...args], all);
  expect(stderr).not.toContain("this is a bug");
  return { exitCode, stdout: String(stdout), stderr: String(stderr) };
}

/** What a build does up to the builder: models are locked and fetched, and the bake file is made. */
async function build(folder: string, options: Options = {}, ...flags: readonly string[]) {
  const fetched = await mkimage(folder, ["models", "fetch", "--no-frozen", ...flags], options);
  return fetched.exitCode === 0 ? mkimage(folder, ["build", "--print", ...flags], options) : fetched;
}

test("empty variables count as unset", async () => {
  const folder = await temporaryFolder(FILES);
  const names =
    "MKIMAGE_CACHE XDG_CACHE_HOME XDG_CONFIG_HOME MKIMAGE_OS MKIMAGE_CONFIG HF_ENDPOINT HF_HOME HF_TOKEN HF_TOKEN_PATH HF_HUB_CACHE HF_HUB_OFFLINE DOCKER_HOST DOCKER_CONFIG BUILDX_CONFIG HTTP_PROXY https_proxy AWS_REGION AWS_ENDPOINT_URL NPM_CONFIG_USERCONFIG NODE_EXTRA_CA_CERTS PIP_CONFIG_FILE SOURCE_DATE_EPOCH CI";
  const env = Object.fromEntries(names.split(" ").map((name) => [name, ""]));
  const { exitCode, stdout, stderr } = await build(folder, { env });
  expect(exitCode, stderr).toBe(0);
  expect(JSON.parse(stdout).target["model-tiny-fp32"].contexts.files).toContain(
    join(folder, ".cache/mkimage/trees"),
  );
});

test("a cache that is named from the working folder is that folder for every program", async () => {
  const folder = await temporaryFolder(FILES);
  const { stdout } = await build(folder, { env: { MKIMAGE_CACHE: "cache" } });
  expect(JSON.parse(stdout).target["model-tiny-fp32"].contexts.files).toContain(join(folder, "cache/trees"));
});

describe("what may not be written to is named, with exit code 3", () => {
  const isRoot = process.getuid?.() === 0;
  /** Without the powers of root. */
  const unprivileged = isRoot ? { uid: 65534, gid: 65534 } : {};

  test("a cache of another user", async () => {
    const folder = await temporaryFolder(FILES);
    await mkdir(join(folder, ".cache"));
    await chmod(join(folder, ".cache"), 0o555);
    await chmod(folder, 0o777);
    const { exitCode, stderr } = await build(folder, unprivileged);
    expect(stderr).toMatch(/^mkimage: Cannot mkdir .*\.cache\/.*: permission denied$/m);
    expect(stderr).toContain("MKIMAGE_CACHE");
    expect(exitCode).toBe(3);
  });

  test("a project that is read-only", async () => {
    const folder = await temporaryFolder(FILES);
    await chmod(join(folder, "models"), 0o555);
    await chmod(folder, 0o777);
    const { exitCode, stderr } = await mkimage(folder, ["lock"], unprivileged);
    expect(stderr).toMatch(/^mkimage: Cannot open .*lock\.json.*: permission denied$/m);
    expect(exitCode).toBe(3);
  });

  test("a file in place of the cache", async () => {
    const folder = await temporaryFolder({ ...FILES, ".cache": "" });
    expect(await build(folder)).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining("not a directory"),
    });
  });
});

describe("names that every object has", () => {
  test.each([
    ["constructor"],
    ["build", "--constructor"],
    ["build", "--__proto__=1"],
    ["build", "--function", "__proto__"],
    ["build", "--model", "constructor"],
    ["build", "--base", "constructor=alpine:3"],
    ["models", "show", "constructor"],
    ["models", "verify", "__proto__"],
    ["models", "add", "hf:a/constructor", "--task", "constructor"],
    ["models", "add", "hf:a/constructor", "--task", "fill-mask"],
    ["models", "add", "hf:a/b", "--task", "fill-mask", "--name", "__proto__"],
  ])("%s %s %s are refused", async (...args) => {
    const { exitCode, stderr } = await mkimage(await temporaryFolder(FILES), args);
    expect(exitCode, stderr).toBe(2);
  });

  test.each([
    { what: "a model", path: "models/constructor.json", content: SPEC, says: "is not a name for a model" },
    {
      what: "a file",
      files: '{"constructor":"m.onnx","model.onnx":"m.onnx"}',
      says: "expected another name",
    },
    { what: "a path", files: '{"model.onnx":"toString"}', says: "expected another name" },
    {
      what: "a prompt",
      files: '{"model.onnx":"m.onnx"},"prompts":{"__proto__":""}',
      says: "which is reserved",
    },
    {
      what: "a file twice",
      files: '{"model.onnx":"a","model.onnx":"b"}',
      says: "a second time in one object",
    },
  ])("$what is refused in a project", async ({ path = "models/tiny.json", content, files, says }) => {
    const text = `{"task":"feature-extraction","source":"file:weights","files":${files}}`;
    const folder = await temporaryFolder({ ...FILES, [path]: content ?? text });
    const { exitCode, stderr } = await mkimage(folder, ["lock"]);
    expect(stderr).toContain(says);
    expect(stderr).toContain(join(folder, path));
    expect(exitCode).toBe(2);
  });
});

describe("files outside of the project", () => {
  /** A project beside its weights. */
  async function apart(spec: object = {}) {
    const outer = await temporaryFolder({ "weights/m.onnx": "weights", "weights/t.json": {} });
    const folder = join(outer, "project");
    await writeTree(folder, {
      ...FILES,
      "models/tiny.json": { ...SPEC, source: "file:../weights", ...spec },
    });
    return folder;
  }

  test.each([["lock"], ["models", "fetch", "--no-frozen"]])(
    "%s refuses them, and takes them with --allow-outside",
    async (...args) => {
      const folder = await apart();
      const { exitCode, stderr } = await mkimage(folder, args);
      expect(stderr).toContain("m.onnx of file:../weights is outside of the project");
      expect(exitCode).toBe(2);
      expect(await mkimage(folder, [...args, "--allow-outside"])).toMatchObject({ exitCode: 0 });
      // Also one that was locked by somebody else.
      expect(await build(folder, {}, "--frozen")).toMatchObject({ exitCode: 2 });
    },
  );

  test("they are taken where the spec says so", async () => {
    expect(await build(await apart({ allowOutside: true }))).toMatchObject({ exitCode: 0 });
  });

  test("texts and images behind a link are refused as well", async () => {
    const folder = await apart({ source: "file:weights", texts: "words.txt" });
    await symlink("../../weights/m.onnx", join(folder, "models/words.txt"));
    const { exitCode, stderr } = await build(folder);
    expect(stderr).toContain("models/words.txt is outside of the project");
    expect(exitCode).toBe(2);
  });
});

test("commas and quotes in the paths of project and cache are paths", async () => {
  const outer = await temporaryFolder();
  await writeTree(join(outer, "plain"), FILES);
  const folder = join(outer, 'a,b="c"');
  await rename(join(outer, "plain"), folder);
  await writeTree(folder, { "ca,1.pem": "" });
  const env = { NODE_EXTRA_CA_CERTS: "ca,1.pem" };
  const { exitCode, stdout, stderr } = await build(folder, { env });
  expect(exitCode, stderr).toBe(0);
  const bake = JSON.parse(stdout);
  expect(bake.target["model-tiny-fp32"].contexts.files).toContain(join(folder, ".cache"));
  expect(bake.target["model-tiny-fp32"].secret).toContain(
    `id=ca,"src=${join(folder, "ca,1.pem").replaceAll('"', '""')}"`,
  );
});
