import { expect, test } from "vitest";
import { weightFiles } from "../../../../../build/models/repository/weight-files.ts";
import { refusal } from "../../../../support/refusal.ts";

const PATHS = [
  "onnx/model.onnx",
  "onnx/model.onnx_data",
  "onnx/model.onnx_data_1",
  "onnx/w/part.bin",
  "onnx/decoder_model_merged.onnx.data",
  "onnx/encoder_model.onnx_data",
  "other/model.onnx_data",
];
const weights = (graphs: Record<string, string[]>, files: Record<string, string>) =>
  weightFiles(
    Object.fromEntries(Object.entries(graphs).map(([name, locations]) => [name, { locations }])),
    files,
    {
      source: "hf:a/b",
      paths: PATHS,
    },
  );

test("weights keep the names that the graph knows them by, whatever these are", () => {
  const locations = ["model.onnx_data", "./model.onnx_data_1", "w/part.bin"];
  expect(weights({ "model.onnx": locations }, { "model.onnx": "onnx/model.onnx" })).toEqual({
    "model.onnx_data": "onnx/model.onnx_data",
    "model.onnx_data_1": "onnx/model.onnx_data_1",
    "w/part.bin": "onnx/w/part.bin",
  });
});

test("several graphs have each their own", () => {
  expect(
    weights(
      {
        "encoder_model.onnx": ["encoder_model.onnx_data"],
        "decoder_model_merged.onnx": ["decoder_model_merged.onnx.data"],
      },
      {
        "encoder_model.onnx": "onnx/encoder_model.onnx",
        "decoder_model_merged.onnx": "onnx/decoder_model_merged.onnx",
      },
    ),
  ).toEqual({
    "encoder_model.onnx_data": "onnx/encoder_model.onnx_data",
    "decoder_model_merged.onnx.data": "onnx/decoder_model_merged.onnx.data",
  });
});

test.each(["../other/model.onnx_data", "/etc/passwd", "w/../../x", ""])(
  "weights outside of the graph's folder are refused: %j",
  async (location) => {
    expect(
      await refusal(() => weights({ "model.onnx": [location] }, { "model.onnx": "onnx/model.onnx" })),
    ).toMatchObject({ exitCode: 2, message: expect.stringContaining("outside of its own folder") });
  },
);

test("weights that the repository lacks are refused", async () => {
  expect(
    await refusal(() => weights({ "model.onnx": ["gone.bin"] }, { "model.onnx": "onnx/model.onnx" })),
  ).toMatchObject({
    exitCode: 2,
    message: "onnx/model.onnx of hf:a/b keeps weights in onnx/gone.bin, which is not there",
  });
});

test("two files of one name are refused", async () => {
  const graphs = {
    "encoder_model.onnx": ["model.onnx_data"],
    "decoder_model_merged.onnx": ["model.onnx_data"],
  };
  const files = {
    "encoder_model.onnx": "onnx/encoder_model.onnx",
    "decoder_model_merged.onnx": "other/decoder_model_merged.onnx",
  };
  expect(await refusal(() => weights(graphs, files))).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(
      "other/decoder_model_merged.onnx of hf:a/b keeps weights in a file named",
    ),
  });
});
