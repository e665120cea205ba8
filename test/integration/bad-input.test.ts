import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { makeResults, resultLines } from "../support/bench-results.ts";
import { mkimage } from "../support/mkimage.ts";
import { MODEL, makeProject, type Project } from "../support/project.ts";

let project: Project;
beforeAll(async () => {
  project = await makeProject();
});
afterAll(() => project?.remove());

/** Runs a command that is to fail, and checks what every failure has in common. */
async function refusal(
  args: readonly string[],
  cwd = project.folder,
): Promise<{ exitCode?: number; said: string }> {
  const { exitCode, stdout, stderr } = await mkimage(args, { cwd });
  expect(stdout).toBe("");
  expect(stderr).not.toContain("this is a bug");
  expect(stderr).not.toMatch(/\n\s+at /);
  return { ...(exitCode === undefined ? {} : { exitCode }), said: stderr };
}

describe("an unknown name is refused with the nearest one", () => {
  test.each([
    ["operating system", ["build", "--os", "debain"], 'Did you mean "debian"?'],
    ["architecture", ["build", "--arch", "arm46"], 'Did you mean "arm64"?'],
    ["model", ["build", "--model", "paraphrase-minilm-l6"], `Did you mean "${MODEL}"?`],
    ["command", ["biuld"], 'Did you mean "build"?'],
    ["option", ["build", "--archh", "arm64"], 'Did you mean "--arch"?'],
    ["base", ["build", "--base", "debiann=debian:12"], 'Did you mean "debian"?'],
  ])("%s", async (kind, args, hint) => {
    const { exitCode, said } = await refusal(args);
    expect(said).toContain(`Unknown ${kind} "`);
    expect(said).toContain(hint);
    expect(exitCode).toBe(2);
  });

  test("function", async () => {
    const { exitCode, said } = await refusal(["test", "--function", `${project.function}x`]);
    expect(said).toContain(`Did you mean "${project.function}"?`);
    expect(exitCode).toBe(2);
  });
});

describe("a broken mkimage.json is refused with the file, the place and what was expected", () => {
  const functions = { embed: { model: MODEL } };
  test.each([
    ["no JSON", '{ "functions": ', /mkimage\.json is not JSON: ValueExpected at line 1, column \d+/],
    ["no functions", {}, /functions: missing: expected an object/],
    ["an unknown field", { functions, operatingSystems: [] }, /operatingSystems/],
    [
      "a wrong type",
      { functions: { embed: { model: MODEL, memory: "big" } } },
      /functions\.embed\.memory: expected a number, not "big"/,
    ],
    [
      "a value out of range",
      { functions: { embed: { model: MODEL, memory: 64 } } },
      /functions\.embed\.memory: must be from 128 to 10240, not 64/,
    ],
    [
      "an unknown architecture",
      { functions, arch: ["arm46"] },
      /arch\.0: "arm46" is not one of arm64, amd64 \(did you mean "arm64"\?\)/,
    ],
    ["an upper-case repository", { functions, repository: "Team/X" }, /repository: expected lower-case/],
  ])("%s", async (_, config, expected) => {
    const other = await makeProject();
    onTestFinished(() => other.remove());
    await other.writeConfig(config);
    const { exitCode, said } = await refusal(["build"], other.folder);
    expect(said).toContain(join(other.folder, "mkimage.json"));
    expect(said).toMatch(expected);
    expect(exitCode).toBe(2);
  });

  test("a missing one is said with the command that writes one", async () => {
    const { exitCode, said } = await refusal(["build", "--config", "other/mkimage.json"]);
    expect(said).toContain(`No mkimage.json at ${join(project.folder, "other", "mkimage.json")}`);
    expect(said).toContain("mkimage init hf:OWNER/NAME");
    expect(exitCode).toBe(2);
  });
});

describe("a model", () => {
  /** A project whose one model has a file of its own. */
  async function withOwnModel(spec: object, lock: object): Promise<string> {
    const other = await makeProject();
    onTestFinished(() => other.remove());
    const models = join(other.folder, "models");
    await mkdir(join(other.folder, "weights"));
    await writeFile(join(other.folder, "weights", "model.onnx"), "not really");
    await writeFile(join(other.folder, "weights", "tokenizer.json"), "{}");
    await writeFile(join(models, "own.json"), JSON.stringify(spec));
    await writeFile(join(models, "lock.json"), JSON.stringify(lock));
    await other.writeConfig({ functions: { own: { model: "own" } } });
    return other.folder;
  }
  const spec = {
    task: "feature-extraction",
    source: "file:weights",
    files: { "model.onnx": "model.onnx", "tokenizer.json": "tokenizer.json" },
  };
  const TOKENIZER = {
    source: "file:weights",
    path: "tokenizer.json",
    size: 2,
    sha256: createHash("sha256").update("{}").digest("hex"),
  };
  const locked = (file: object) => ({
    about: "",
    models: { own: { files: { "model.onnx": file, "tokenizer.json": TOKENIZER } } },
    bases: {},
  });
  const file = { source: "file:weights", path: "model.onnx", size: 10 };

  test("whose file is not the locked one is not built", async () => {
    const folder = await withOwnModel(spec, locked({ ...file, sha256: "0".repeat(64) }));
    const { exitCode, said } = await refusal(["build", "--frozen"], folder);
    expect(said).toMatch(/model\.onnx.*sha256/);
    expect(said).toContain("0".repeat(64));
    expect(exitCode).toBe(1);
  });

  test("that the lock does not have is refused with the command that locks it", async () => {
    const folder = await withOwnModel(spec, { about: "", models: {}, bases: {} });
    const { exitCode, said } = await refusal(["build"], folder);
    expect(said).toContain("mkimage lock");
    expect(exitCode).toBe(2);
  });

  test("with a broken spec is refused with the place and what was expected", async () => {
    const folder = await withOwnModel({ ...spec, task: "sing" }, { about: "", models: {}, bases: {} });
    const { exitCode, said } = await refusal(["build"], folder);
    expect(said).toContain(join(folder, "models", "own.json"));
    expect(said).toMatch(/task: "sing" is not one of feature-extraction, /);
    expect(exitCode).toBe(2);
  });

  test("that is not there any more is named", async () => {
    const folder = await withOwnModel(spec, locked({ ...file, sha256: "0".repeat(64) }));
    await rm(join(folder, "weights"), { recursive: true });
    const { exitCode, said } = await refusal(["build"], folder);
    expect(said).toMatch(/model\.onnx/);
    expect(exitCode).toBe(2);
  });
});

describe("an output", () => {
  const cell = ["--os", "debian", "--arch", "amd64"];

  test("of an unknown kind is refused with the known one", async () => {
    const { exitCode, said } = await refusal(["build", ...cell, "--output", "tar=x"]);
    expect(said).toContain("oci=DIR");
    expect(exitCode).toBe(2);
  });

  test("that cannot be written is named", async () => {
    await writeFile(join(project.folder, "file"), "");
    const { exitCode, said } = await refusal(["build", ...cell, "--output", "oci=file/layouts"]);
    expect(said).toContain(join(project.folder, "file", "layouts"));
    expect(exitCode).toBe(3);
  });
});

test("a report that cannot be written is told before anything is tested", async () => {
  // Nothing is built: with the test itself it would be another error.
  const [folder, file] = [join(project.folder, "models"), join(project.folder, "mkimage.json")];
  const asFolder = await refusal(["test", "--junit", folder]);
  expect(asFolder).toMatchObject({ exitCode: 2, said: expect.stringContaining(`${folder} is a folder`) });
  const below = await refusal(["test", "--junit", join(file, "report.xml")]);
  expect(below).toMatchObject({ exitCode: 3, said: expect.stringContaining("Cannot write the report to") });
});

test.each([
  ["--max-time", "0"],
  ["--memory", "64"],
  ["--tokens", "0"],
  ["--batch", "1.5"],
])("bench %s %s is refused before anything is measured", async (option, value) => {
  const { exitCode, said } = await refusal(["bench", option, value]);
  expect(said).toMatch(new RegExp(`${option} must be .*, not ${value}`));
  expect(exitCode).toBe(2);
});

test("recommend says that results are of baselines alone", async () => {
  const [line] = makeResults({ os: ["debian"], arch: ["amd64"], quantization: ["fp32"], memory: [1024] });
  if (!line) throw new Error("there is no result");
  const file = join(project.folder, "baselines.jsonl");
  await writeFile(file, resultLines([{ ...line, cell: { ...line.cell, baseline: "python" } }]));
  const { exitCode, said } = await refusal(["recommend", "--results", file]);
  expect(said).toContain("The results are of baselines alone");
  expect(exitCode).toBe(2);
});
