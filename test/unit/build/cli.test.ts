import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/folder.ts";

const CLI = join(import.meta.dirname, "../../../build/cli.ts");
const mkimage = (cwd: string, ...args: string[]) =>
  execa(process.execPath, [CLI, ...args], {
    cwd,
    reject: false,
    env: { MKIMAGE_CACHE: join(cwd, ".cache") },
  });

test("bad usage: exit code 2, the error and what to do on stderr, nothing on stdout", async () => {
  expect(await mkimage(await temporaryFolder(), "biuld")).toMatchObject({
    exitCode: 2,
    stdout: "",
    stderr: 'mkimage: Unknown command "biuld"\nDid you mean "build"?',
  });
});

test("a broken mkimage.json: exit code 2 with the file", async () => {
  const folder = await temporaryFolder({ "mkimage.json": "{" });
  const { exitCode, stdout, stderr } = await mkimage(folder, "build", "--print");
  expect([exitCode, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(`mkimage: ${join(folder, "mkimage.json")} is not JSON`);
  expect(stderr).not.toContain("    at ");
});

test("--help and --version: exit code 0 on stdout", async () => {
  const folder = await temporaryFolder();
  expect(await mkimage(folder, "--help")).toMatchObject({
    exitCode: 0,
    stderr: "",
    stdout: expect.stringContaining("Commands:"),
  });
  expect(await mkimage(folder, "--version")).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
});

test("lock and build --print need no engine, and --print is the bake file alone", async () => {
  const folder = await temporaryFolder({
    "mkimage.json": { functions: { embed: { model: "tiny" } }, os: ["alpine"], arch: ["arm64"] },
    "models/tiny.json": {
      task: "feature-extraction",
      source: "file:weights",
      files: { "model.onnx": "m.onnx", "tokenizer.json": "t.json" },
    },
    "weights/m.onnx": "weights",
    "weights/t.json": "{}",
  });
  const env = { MKIMAGE_CACHE: join(folder, ".cache"), PATH: await temporaryFolder(), HOME: folder };
  const run = (...args: string[]) => execa(process.execPath, [CLI, ...args], { cwd: folder, env });
  expect((await run("lock")).stdout).toBe("locked 1 model, 0 bases");
  const bake = JSON.parse((await run("build", "--print")).stdout);
  expect(bake.group.default.targets).toEqual(["embed-alpine-arm64"]);
  expect(bake.target["model-tiny-fp32"].contexts.files).toContain(env.MKIMAGE_CACHE);
});

test("without docker a build ends with exit code 3 and says what to install", async () => {
  const folder = await temporaryFolder({
    "mkimage.json": { functions: { embed: { model: "tiny" } } },
    "models/tiny.json": {
      task: "feature-extraction",
      source: "file:weights",
      files: { "model.onnx": "m.onnx", "tokenizer.json": "t.json" },
    },
    "weights/m.onnx": "weights",
    "weights/t.json": "{}",
  });
  const env = { MKIMAGE_CACHE: join(folder, ".cache"), PATH: await temporaryFolder(), HOME: folder };
  const run = (...args: string[]) =>
    execa(process.execPath, [CLI, ...args], { cwd: folder, env, reject: false });
  await run("lock");
  const { exitCode, stderr, stdout } = await run("build");
  expect([exitCode, stdout]).toEqual([3, ""]);
  expect(stderr).toMatch(/mkimage: The docker command is not installed\nInstall Docker/);
});

const ONE_CELL = {
  "mkimage.json": { functions: { embed: { model: "tiny" } }, os: ["alpine"], arch: ["arm64"] },
  "models/tiny.json": {
    task: "feature-extraction",
    source: "file:weights",
    files: { "model.onnx": "m.onnx" },
  },
};

test.each(["-", "@event.json"])(
  "invoke %s reads the event, with or without a byte order mark",
  async (from) => {
    const folder = await temporaryFolder({ ...ONE_CELL, "event.json": "\ufeff{" });
    const env = { DOCKER_HOST: "unix:///nonexistent/docker.sock" };
    const invoke = (event: string) =>
      execa(process.execPath, [CLI, "invoke", event], { cwd: folder, reject: false, env, input: "\ufeff{" });
    const source = from === "-" ? "stdin" : "event.json";
    const { exitCode, stderr } = await invoke(from);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`mkimage: The event in ${source} is not JSON: Expected property name`);
  },
);

test("push in a repository of another user ends before anything is asked of AWS", async () => {
  const folder = await temporaryFolder(ONE_CELL);
  await execa("git", ["init", "--quiet"], { cwd: folder });
  const env = { GIT_TEST_ASSUME_DIFFERENT_OWNER: "1", AWS_ENDPOINT_URL: "http://127.0.0.1:1" };
  const { exitCode, stdout, stderr } = await execa(process.execPath, [CLI, "push"], {
    cwd: folder,
    reject: false,
    env,
  });
  expect(stderr).toMatch(/^mkimage: The git revision of .* cannot be determined: .*dubious ownership/);
  expect(stderr).toContain("git config --global --add safe.directory");
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
});

test("with --json a failure is one document on stdout as well", async () => {
  const { exitCode, stdout, stderr } = await mkimage(
    await temporaryFolder(),
    "build",
    "--json",
    "--os",
    "foo",
  );
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toEqual({
    error: { message: expect.stringContaining("mkimage.json"), hint: expect.any(String), exitCode: 2 },
  });
  expect(stderr).toContain(`mkimage: ${JSON.parse(stdout).error.message}`);
});

test("a wrong value from the environment is told with its variable", async () => {
  const folder = await temporaryFolder({ "mkimage.json": { functions: { embed: { model: "tiny" } } } });
  const env = { MKIMAGE_OS: "alpne", MKIMAGE_CACHE: join(folder, ".cache") };
  const run = (...args: string[]) =>
    execa(process.execPath, [CLI, "build", ...args], { cwd: folder, env, reject: false });
  expect((await run()).stderr).toBe(
    [
      'mkimage: Unknown operating system "alpne"',
      'Did you mean "alpine"? Known: amazonlinux, debian, ubuntu, alpine.',
      "The environment sets MKIMAGE_OS=alpne.",
    ].join("\n"),
  );
  expect((await run("--os", "alpne")).stderr).not.toContain("MKIMAGE_OS");
});

test("--version --verbose tells what a bug report needs, also without an engine", async () => {
  const folder = await temporaryFolder();
  const env = { PATH: folder, HOME: folder };
  const { stdout } = await execa(process.execPath, [CLI, "--version", "--verbose"], {
    cwd: folder,
    env,
    extendEnv: false,
  });
  expect(stdout).toMatch(/^mkimage {2}\d+\.\d+\.\d+\nnode {5}v\d+/);
  expect(stdout).toContain("engine   does not answer");
});

test("models verify of a model that is not locked says what is lacking and the command", async () => {
  const folder = await temporaryFolder({
    "models/tiny.json": {
      task: "feature-extraction",
      source: "file:weights",
      files: { "model.onnx": "m.onnx", "tokenizer.json": "t.json" },
    },
  });
  expect(await mkimage(folder, "models", "verify", "tiny")).toMatchObject({
    exitCode: 2,
    stdout: "",
    stderr:
      "mkimage: tiny is not locked: models/lock.json has no size and sha256 of its files\nRun: mkimage lock",
  });
  expect(await mkimage(folder, "models", "verify", "tyni")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('Did you mean "tiny"?'),
  });
});

test.each(["bench --max-time=20s", "test --memory=lots", "bench --max-time 1 --max-time 2"])(
  "%s: a number that is none is refused",
  async (line) => {
    const { exitCode, stderr } = await mkimage(await temporaryFolder(), ...line.split(" "));
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/--(max-time|memory) must be one number/);
  },
);
