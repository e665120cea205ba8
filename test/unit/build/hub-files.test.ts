import { describe, expect, test } from "vitest";
import { chooseFiles } from "../../../build/hub-files.ts";
import { refusal } from "./refusal.ts";

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

  test("are also the weights beside the graph, under the names that it knows them by", () => {
    const data = [
      "onnx/model.onnx_data",
      "onnx/model.onnx_data_1",
      "onnx/model_fp16.onnx_data",
      "onnx/model.onnx_database",
    ];
    expect(chooseFiles([...TEXT, "onnx/model.onnx", ...data], request)).toEqual({
      "model.onnx": "onnx/model.onnx",
      "model.onnx_data": "onnx/model.onnx_data",
      "model.onnx_data_1": "onnx/model.onnx_data_1",
      ...side,
    });
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
