import { randomBytes } from "node:crypto";
import { cp, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { emptyProject } from "../support/empty-project.ts";
import { temporaryFolder } from "../support/folder.ts";
import { COMMIT } from "../support/hub-project.ts";
import { mkimage, startMkimage } from "../support/mkimage.ts";

describe("init from the hub", () => {
  test("writes configuration, spec and lock, of which a bake file can be made at once", async () => {
    await using stack = new AsyncDisposableStack();
    const project = await emptyProject();
    stack.use(project.hub);
    const { exitCode, stdout, stderr } = await project.run(
      "init",
      "hf:acme/tiny",
      "--os",
      "alpine",
      "--arch",
      "arm64",
    );
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toBe("models/tiny.json\nmodels/lock.json\nmkimage.json");
    expect(JSON.parse(await project.read("mkimage.json"))).toEqual({
      os: ["alpine"],
      arch: ["arm64"],
      functions: { tiny: { model: "tiny" } },
    });
    expect(JSON.parse(await project.read("models/tiny.json"))).toMatchObject({
      task: "feature-extraction",
      source: "hf:acme/tiny",
      license: "Apache-2.0",
      pooling: "cls",
    });
    expect(JSON.parse(await project.read("models/lock.json")).models.tiny.commits).toEqual({
      "hf:acme/tiny": COMMIT,
    });
    expect(stderr).toContain("task feature-extraction: the hub names it");
    expect(stderr).toContain("hf:acme/tiny: takes onnx/model.onnx (graph), tokenizer.json (tokenizer)");
    expect(stderr).toContain("hf:acme/tiny: leaves onnx/model_quantized.onnx, ");
    const printed = await project.run("build", "--print");
    expect(printed.exitCode, printed.stderr).toBe(0);
    expect(JSON.parse(printed.stdout).group.default.targets).toEqual(["tiny-alpine-arm64"]);
  });

  test("adds a function to a configuration, which stays as it is written", async () => {
    await using stack = new AsyncDisposableStack();
    const project = await emptyProject();
    stack.use(project.hub);
    const text =
      '{\n    "os": [ "debian" ],\n    "functions": {\n        "one": { "model": "one" }\n    }\n}\n';
    await project.write("mkimage.json", text);
    const { exitCode, stderr } = await project.run(
      "init",
      "hf:acme/tiny",
      "--function",
      "two",
      "--name",
      "other",
    );
    expect(exitCode, stderr).toBe(0);
    const edited = await project.read("mkimage.json");
    expect(edited).toContain(
      '    "os": [ "debian" ],\n    "functions": {\n        "one": { "model": "one" }',
    );
    expect(JSON.parse(edited).functions).toEqual({ one: { model: "one" }, two: { model: "other" } });
  });

  test.each([
    { what: "the same again", args: ["hf:acme/tiny"], says: "models/tiny.json is there already" },
    {
      what: "the same function",
      args: ["hf:acme/tiny", "--name", "b", "--function", "tiny"],
      says: 'mkimage.json has a function "tiny" already',
    },
    {
      what: "a matrix",
      args: ["hf:acme/tiny", "--name", "b", "--os", "alpine"],
      says: "--os: mkimage.json is there",
    },
    { what: "no model", args: [], says: "Name a model: there is no terminal to ask on" },
    {
      what: "an unknown task",
      args: ["hf:acme/tiny", "--name", "b", "--task", "fil-mask"],
      says: 'Unknown task "fil-mask"',
    },
    { what: "a repository that is not there", args: ["hf:acme/none"], says: "acme/none" },
    { what: "an unknown kind of source", args: ["ftp:x"], says: 'Unknown model source "ftp"' },
  ])("$what: exit 2, and nothing is written", async ({ args, says }) => {
    await using stack = new AsyncDisposableStack();
    const project = await emptyProject();
    stack.use(project.hub);
    expect((await project.run("init", "hf:acme/tiny")).exitCode).toBe(0);
    const before = [await project.read("mkimage.json"), await project.read("models/lock.json")];
    const { exitCode, stdout, stderr } = await project.run("init", ...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(says);
    expect([await project.read("mkimage.json"), await project.read("models/lock.json")]).toEqual(before);
    expect(await project.files()).toEqual(["mkimage.json", "models/lock.json", "models/tiny.json"]);
  });

  test.each([
    [{ pipeline_tag: "automatic-speech-recognition" }, "is a model for automatic-speech-recognition"],
    [{ pipeline_tag: "text2text-generation" }, "may be a model for summarization or translation"],
    [{}, "Nothing in hf:acme/tiny says what the model does"],
  ])(
    "a model whose task cannot be told (%j): exit 2 with --task in the hint, and nothing is written",
    async (card, says) => {
      await using stack = new AsyncDisposableStack();
      const project = await emptyProject(card);
      stack.use(project.hub);
      const { exitCode, stderr } = await project.run("init", "hf:acme/tiny");
      expect(exitCode, stderr).toBe(2);
      expect(stderr).toContain(says);
      expect(stderr).toContain("--task");
      expect(await project.files()).toEqual([]);
    },
  );
});

test("an mkimage.json that is no file is named", async () => {
  await using stack = new AsyncDisposableStack();
  const project = await emptyProject();
  stack.use(project.hub);
  await mkdir(join(project.folder, "mkimage.json"));
  const { exitCode, stderr } = await project.run("init", "hf:acme/tiny");
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/^mkimage: Cannot read .*mkimage\.json: illegal operation on a directory.*$/);
});

test("an init that Ctrl-C ends leaves nothing", async () => {
  await using stack = new AsyncDisposableStack();
  const project = await emptyProject();
  stack.use(project.hub);
  project.hub.faults["onnx/model.onnx"] = { pause: 1000 };
  const child = startMkimage(["init", "hf:acme/tiny"], { cwd: project.folder, env: project.env });
  for await (const line of child.iterable({ from: "stderr" }))
    if (line.includes("fetching model.onnx")) process.kill(-(child.pid ?? 0), "SIGINT");
  expect((await child).exitCode).toBe(130);
  expect((await readdir(project.folder)).filter((name) => !name.startsWith("."))).toEqual([]);
});

describe("init from a folder", () => {
  test("leads to an image that answers: init, build, test", async () => {
    const fetched = await mkimage(["models", "fetch", "--json"], { cwd: TOOL_ROOT });
    const [{ directory }] = JSON.parse(fetched.stdout);
    const folder = await temporaryFolder({
      "package.json": { name: `init-${randomBytes(4).toString("hex")}` },
    });
    await cp(directory, join(folder, "weights"), { recursive: true, dereference: true });
    const name = `init-${randomBytes(4).toString("hex")}`;
    const run = (...args: string[]) => mkimage(args, { cwd: folder });
    const steps = [
      [
        "init",
        "file:weights",
        "--task",
        "feature-extraction",
        "--function",
        name,
        "--os",
        "debian",
        "--arch",
        "amd64",
      ],
      ["build"],
      ["test"],
    ];
    try {
      for (const args of steps) {
        const { exitCode, stderr } = await run(...args);
        expect(exitCode, `${args.join(" ")}: ${stderr}`).toBe(0);
      }
    } finally {
      const label = `label=mkimage.function=${name}`;
      const { stdout } = await execa("docker", ["images", "--quiet", "--filter", label], { lines: true });
      if (stdout.length > 0) await execa("docker", ["rmi", "--force", ...new Set(stdout)]);
    }
  });

  test("outside of the project, which --allow-outside allows from then on", async () => {
    const { stdout } = await mkimage(["models", "fetch", "--json"], { cwd: TOOL_ROOT });
    const [{ directory }] = JSON.parse(stdout);
    const outer = await temporaryFolder({ "project/package.json": { name: "shop" } });
    await cp(directory, join(outer, "weights"), { recursive: true, dereference: true });
    const run = (...args: string[]) => mkimage(args, { cwd: join(outer, "project") });
    const init = ["init", "file:../weights", "--task", "feature-extraction"];
    expect(await run(...init)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`file:../weights is outside of the project: ${join(outer, "weights")}`),
    });
    expect(await run(...init, "--allow-outside")).toMatchObject({ exitCode: 0 });
    expect(await run("build", "--print")).toMatchObject({ exitCode: 0 });
  });
});
