import { describe, expect, test } from "vitest";
import { chooseFolder } from "../../../../../build/models/import/folder.ts";
import { refusal } from "../../../../support/refusal.ts";

const source = "pypi:some-model@1.0.0";
const choose = (paths: string[], folder?: string) => chooseFolder({ paths }, { source, folder });

describe("the folder of a model in its source", () => {
  test.each([
    { paths: ["model.onnx", "tokenizer.json"], is: "" },
    { paths: ["onnx/model.onnx", "tokenizer.json"], is: "" },
    { paths: ["README.md"], is: "" },
    { paths: ["pkg/onnx/model.onnx", "pkg/tokenizer.json", "setup.py"], is: "pkg" },
    { paths: ["pkg/data/model.onnx", "pkg/data/config.json", "other/x.onnx"], is: "pkg/data" },
    { paths: ["model.onnx", "old/model.onnx", "old/config.json"], is: "" },
  ])("is $is of $paths", ({ paths, is }) => {
    expect(choose(paths)).toBe(is);
  });

  test("is the one that is named", () => {
    expect(choose(["a/model.onnx", "b/model.onnx"], "./b/")).toBe("b");
    expect(choose(["model.onnx"], ".")).toBe("");
  });

  test("has to be named where several have a graph", async () => {
    expect(await refusal(() => choose(["a/model.onnx", "b/model.onnx"]))).toMatchObject({
      exitCode: 2,
      message: `${source} has several folders with an ONNX file: a, b`,
      hint: "Choose one with --folder DIR.",
    });
    expect(await refusal(() => choose(["a/model.onnx"], "b"))).toMatchObject({
      message: `No folder b in ${source}`,
    });
  });
});
