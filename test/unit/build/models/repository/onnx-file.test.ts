import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readOnnxFile } from "../../../../../build/models/repository/onnx-file.ts";
import { temporaryFolder } from "../../../../support/folder.ts";
import { type OnnxContent, onnxFile } from "../../../../support/onnx.ts";
import { refusal } from "../../../../support/refusal.ts";
import { field, message, tensor } from "../../../../support/tiny-onnx.ts";

async function read(content: OnnxContent | Uint8Array) {
  const path = join(await temporaryFolder(), "model.onnx");
  await writeFile(path, content instanceof Uint8Array ? content : onnxFile(content));
  return readOnnxFile(path, "model.onnx of hf:a/b");
}

const port = (name: string, ...shape: (number | string)[]) => ({ name, type: "float32", shape });

test("a graph's inputs and outputs have their names, types and shapes", async () => {
  const { inputs, outputs } = await read({ outputs: { token_embeddings: 3, sentence_embedding: 2 } });
  expect(inputs).toEqual([port("input_ids", "n", "n")]);
  expect(outputs).toEqual([port("token_embeddings", "n", "n", "n"), port("sentence_embedding", "n", "n")]);
});

/** A file whose graph has these values for inputs (11), weights (5) and outputs (12). */
const graphOf = (...fields: Buffer[]) => message(field(1, 8), field(7, message(...fields)));
const INT64 = 7;

test("sizes that are fixed are numbers, and what is not said is undefined", async () => {
  const { inputs, outputs } = await read(
    graphOf(
      field(11, tensor("ids", INT64, [1, "tokens", 0, 70_000])),
      field(11, message(field(1, "bare"))),
      field(11, message(field(1, "untyped"), field(2, message(field(1, message()))))),
      field(12, tensor("scalar", 1, [])),
      field(12, message(field(1, "no shape"), field(2, message(field(1, message(field(1, 10))))))),
      field(12, message(field(1, "a list"), field(2, message(field(4, message()))))),
    ),
  );
  expect(inputs).toEqual([
    { name: "ids", type: "int64", shape: [1, "tokens", "", 70_000] },
    { name: "bare", type: undefined, shape: undefined },
    { name: "untyped", type: undefined, shape: undefined },
  ]);
  expect(outputs).toEqual([
    { name: "scalar", type: "float32", shape: [] },
    { name: "no shape", type: "float16", shape: undefined },
  ]);
});

test("weights that an old export names among the inputs are none", async () => {
  const weight = message(field(1, 4), field(2, 1), field(8, "w"), field(9, Buffer.alloc(16)));
  const { inputs } = await read(
    graphOf(field(5, weight), field(11, tensor("x", 1, [4])), field(11, tensor("w", 1, [4]))),
  );
  expect(inputs).toEqual([port("x", 4)]);
});

test("weights in other files are found, in branches too, each file once", async () => {
  const { locations } = await read({
    locations: ["model.onnx_data", "w/part 2.bin", "model.onnx_data"],
    inBranch: ["branch.weights"],
  });
  expect([...locations].sort()).toEqual(["branch.weights", "model.onnx_data", "w/part 2.bin"]);
});

test("weights inside are skipped, however many there are", async () => {
  const { outputs, locations } = await read({ weights: new Uint8Array(3_000_000), locations: ["a"] });
  expect({ outputs, locations }).toEqual({
    outputs: [port("last_hidden_state", "n", "n", "n")],
    locations: ["a"],
  });
});

test.each([
  ["a file that is cut off", onnxFile({ weights: new Uint8Array(100_000) }).subarray(0, 50_000)],
  ["a text", Buffer.from("version https://example.com")],
  ["nothing", Buffer.alloc(0)],
  ["noise", Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 73 + 11) % 256))],
])("%s is refused", async (_, bytes) => {
  expect(await refusal(() => read(bytes))).toMatchObject({
    exitCode: 2,
    message: "model.onnx of hf:a/b is not a whole ONNX file",
  });
});
