import { describe, expect, test } from "vitest";
import { choiceLines, chooseFiles } from "../../../../../build/models/import/files.ts";
import { refusal } from "../../../../support/refusal.ts";

const TEXT = [
  "tokenizer.json",
  "tokenizer_config.json",
  "config.json",
  "vocab.txt",
  "README.md",
  "pytorch_model.bin",
];
const request = { source: "hf:a/b", task: "feature-extraction" } as const;
const side = {
  "tokenizer.json": "tokenizer.json",
  "tokenizer_config.json": "tokenizer_config.json",
  "config.json": "config.json",
};

describe("the files of a model", () => {
  test.each([
    ["in onnx/", ["onnx/model.onnx", "onnx/model_quantized.onnx", "model.onnx"], "onnx/model.onnx"],
    ["at the top", ["model.onnx"], "model.onnx"],
  ])("are its graph %s and what the task reads", (_, graphs, path) => {
    expect(chooseFiles([...TEXT, ...graphs], request)).toEqual({ "model.onnx": path, ...side });
  });

  test("are for a chat also its template, where it has a file of its own", () => {
    const paths = [...TEXT, "model.onnx", "chat_template.jinja", "chat_template.json"];
    const files = chooseFiles(paths, { source: "hf:a/b", task: "text-generation" });
    expect(Object.keys(files)).toEqual(expect.arrayContaining(["chat_template.jinja", "chat_template.json"]));
    expect(Object.keys(chooseFiles(paths, request))).not.toContain("chat_template.jinja");
  });

  test("may be of another graph", () => {
    const files = chooseFiles([...TEXT, "onnx/model.onnx", "onnx/model_O2.onnx"], {
      ...request,
      onnx: "onnx/model_O2.onnx",
    });
    expect(files["model.onnx"]).toBe("onnx/model_O2.onnx");
  });

  test("without a graph are refused, with those that there are", async () => {
    expect(await refusal(() => chooseFiles([...TEXT, "onnx/x.onnx"], request))).toMatchObject({
      exitCode: 2,
      message: "No file onnx/model.onnx or model.onnx in hf:a/b",
      hint: "It has: onnx/x.onnx. Choose one with --onnx PATH.",
    });
    expect((await refusal(() => chooseFiles(TEXT, request))).hint).toContain("optimum-cli export onnx");
  });

  test("without a tokenizer are refused", async () => {
    expect(await refusal(() => chooseFiles(["model.onnx"], request))).toMatchObject({
      exitCode: 2,
      message: "No file tokenizer.json in hf:a/b: feature-extraction needs it",
    });
  });
});

test("what is taken is said with its purpose, and what is left", () => {
  const files = {
    "model.onnx": "onnx/model.onnx",
    "any name": "onnx/any name",
    "tokenizer.json": "tokenizer.json",
  };
  const paths = [...Object.values(files), "a", "b"];
  expect(choiceLines(files, { title: "hf:a/b", paths })).toEqual([
    "hf:a/b: takes onnx/model.onnx (graph), onnx/any name (weights of the graph), tokenizer.json (tokenizer)",
    "hf:a/b: leaves a, b",
  ]);
  expect(choiceLines(files, { title: "hf:a/b", paths: [...paths, "c", "d", "e", "f"] })[1]).toBe(
    "hf:a/b: leaves a, b, c, d and 2 more",
  );
  expect(choiceLines(files, { title: "hf:a/b", paths: Object.values(files) })).toHaveLength(1);
});
