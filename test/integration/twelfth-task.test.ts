import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CopiedTree, copyTree } from "../support/copied-tree.ts";
import { tinyOnnx } from "../support/tiny-onnx.ts";
import { TINY_TOKENIZER } from "../support/tiny-tokenizer.ts";

/** The fields of its row: all that there are. */
const FIELDS = [
  'graphs: encoder("vectors")',
  'reads: "pairs"',
  'preprocessing: "tokenizer"',
  'gives: "json"',
  'gate: "classes"',
  'generation: "none"',
];
const row = (name: string, fields: readonly string[]) => `\n  "${name}": { ${fields.join(", ")} },`;

/** A number for each text: the sum of its tokens' numbers. */
const FUNCTION = `
import { runEncoder } from "../inference/run-text-encoder.ts";
import { encodeTexts, TEXT_PARAMETERS } from "../inference/tokenize.ts";
import type { Task, TextModel } from "../model/model.ts";
import { readTextsOrPairs } from "../request/inputs.ts";
import { readParameters } from "../request/parameters.ts";

export const textRanking: Task<TextModel> = {
  parameters: TEXT_PARAMETERS,
  warmUp: () => ({ inputs: "a" }),
  async run(model, request, work) {
    const { items, single, fieldOf } = readTextsOrPairs(request.inputs);
    const parameters = readParameters(request, TEXT_PARAMETERS);
    const encodings = encodeTexts(model, items, { parameters, pathOf: request.pathOf, fieldOf, work });
    const scores = await Array.fromAsync(
      runEncoder(model, encodings, { roles: ["vectors"], work }, ([row]) =>
        (row?.data ?? new Float32Array()).reduce((sum, each) => sum + each, 0),
      ),
    );
    return single ? scores[0] : scores;
  },
};
`;

const CHECK = `
import { z } from "zod";
import { defineCheck, checkError } from "./check.ts";

export const ranks = defineCheck<string, number>({
  defaultSample: { inputs: "a b" },
  example: { answer: 1.5 },
  shape: z.number(),
  description: "a number",
  validate(score) {
    if (score < 0) throw checkError("The score is negative");
  },
});
`;

const TABLE = "export const TASKS = {";
const FORMATS = "export const QUANTIZATIONS = {";

const QUANTIZATION = `
  "int8-full": {
    title: "8-bit integers of the full range",
    whenToUse: "For CPUs that do not saturate.",
    recipes: everywhere({ ...DYNAMIC, reduceRange: false }),
  },`;

/** Asks the copy's program the check's own question, and judges its answer and a wrong one. */
const ASK = `
import { readRequest } from "./runtime/request/request.ts";
import { newWork } from "./runtime/request/work.ts";
import { openModel } from "./runtime/serving/open-model.ts";
import { testCasesOf } from "./build/smoke/cases.ts";

const model = await openModel("project/weights", 1);
const spec = { task: "text-ranking", files: {}, samples: [], tolerance: 0.001 };
const [{ event, check }] = await testCasesOf({ name: "tiny", quantization: "fp32", recipe: { method: "keep" }, spec });
const answer = await model.task.run(model, readRequest(event), newWork(() => {}));
let refused = "";
try { check("-1") } catch (error) { refused = error.message; }
console.log(JSON.stringify({ answer, difference: check(JSON.stringify(answer)), refused }));
`;

let tree: CopiedTree;

/** The errors of tsc with a row more in a table, which is taken out again. */
async function errorsWith(path: string, table: string, text: string): Promise<string[]> {
  const file = join(tree.folder, path);
  const before = await readFile(file, "utf8");
  await tree.insert(path, table, text);
  const errors = await tree.typeErrors();
  await writeFile(file, before);
  return errors;
}

async function print(...args: string[]) {
  const { stdout, stderr } = await tree.mkimage("build", "--print", ...args);
  return JSON.parse(stdout || stderr).target;
}

beforeAll(async () => {
  tree = await copyTree({
    "ask.mjs": ASK,
    "project/mkimage.json": { functions: { rank: { model: "tiny" } } },
    "project/models/tiny.json": {
      task: "text-ranking",
      source: "file:weights",
      files: { "model.onnx": "model.onnx", "tokenizer.json": "tokenizer.json" },
    },
    "project/weights/tokenizer.json": TINY_TOKENIZER,
    "project/weights/mkimage.json": { name: "tiny", task: "text-ranking", maxTokens: 12 },
  });
  await writeFile(join(tree.folder, "project/weights/model.onnx"), tinyOnnx());
});
afterAll(() => tree?.remove());

test("a row that lacks a field is a type error, which names it", async () => {
  const lacking = FIELDS.map((field) =>
    row(
      `without-${field.split(":")[0]}`,
      FIELDS.filter((each) => each !== field),
    ),
  );
  const errors = await errorsWith("models/tasks.ts", TABLE, lacking.join(""));
  for (const field of FIELDS)
    expect(errors.join("\n")).toMatch(new RegExp(`models/tasks.ts.*'${field.split(":")[0]}' is missing`));
});

test("a twelfth task's row asks for its function and its check", async () => {
  const errors = await errorsWith("models/tasks.ts", TABLE, row("text-ranking", FIELDS));
  expect(errors.map((line) => line.split("(")[0]).sort()).toEqual([
    "build/smoke/checks/index.ts",
    "runtime/tasks/index.ts",
  ]);
});

describe("with its row, its function and its check", () => {
  beforeAll(async () => {
    await writeFile(join(tree.folder, "runtime/tasks/text-ranking.ts"), FUNCTION);
    await writeFile(join(tree.folder, "build/smoke/checks/text-ranking.ts"), CHECK);
    const [tasks, checks] = ["runtime/tasks/index.ts", "build/smoke/checks/index.ts"] as const;
    await tree.insert("models/tasks.ts", TABLE, row("text-ranking", FIELDS));
    await tree.insert(tasks, "TaskName, Task>> = {", '\n  "text-ranking": textRanking,');
    await tree.insert(
      tasks,
      'from "../model/model.ts";',
      '\nimport { textRanking } from "./text-ranking.ts";',
    );
    await tree.insert(checks, "Task, TaskCheck>> = {", '\n  "text-ranking": ranks,');
    await tree.insert(checks, 'from "./check.ts";', '\nimport { ranks } from "./text-ranking.ts";');
    const { exitCode, stderr } = await tree.mkimage("lock");
    if (exitCode !== 0) throw new Error(stderr);
  });

  test("types hold without a further change", async () => {
    expect(await tree.typeErrors()).toEqual([]);
  });

  test("it is built, with its own gate", async () => {
    const target = await print("--os", "alpine", "--arch", "arm64");
    expect(target["rank-alpine-arm64"].labels["mkimage.task"]).toBe("text-ranking");
    expect(JSON.parse(target["model-tiny-fp32"].args.GATE).kind).toBe("classes");
  });

  test("help names it", async () => {
    expect((await tree.mkimage("models", "add", "--help")).stdout).toContain("text-ranking");
  });

  test("the program answers with a model of it, and its check judges the answer", async () => {
    const { stdout, stderr } = await execa(process.execPath, ["ask.mjs"], {
      cwd: tree.folder,
      reject: false,
    });
    expect(JSON.parse(stdout || stderr)).toEqual({
      answer: 14,
      difference: 0,
      refused: expect.stringContaining("The score is negative"),
    });
  });
});

describe("a quantization of a method that is there", () => {
  test("without a field of its method is a type error, which names it", async () => {
    const errors = await errorsWith(
      "build/catalog.ts",
      FORMATS,
      QUANTIZATION.replace(", reduceRange: false", ""),
    );
    expect(errors).toEqual([expect.stringMatching(/^build\/catalog\.ts.*reduceRange/s)]);
  });

  test("is one row", async () => {
    await tree.insert("build/catalog.ts", FORMATS, QUANTIZATION);
    expect(await tree.typeErrors()).toEqual([]);
    const target = await print("--quantization", "int8-full");
    expect(JSON.parse(target["model-tiny-int8-full"].args.RECIPE)).toMatchObject({
      method: "dynamic",
      reduceRange: false,
    });
    expect((await tree.mkimage("build", "--help")).stdout).toContain("8-bit integers of the full range");
  });
});
