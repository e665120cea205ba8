import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readOnnxFile } from "../../../../../build/models/repository/onnx-file.ts";
import { temporaryFolder } from "../../../../support/folder.ts";
import { type OnnxContent, onnxFile } from "../../../../support/onnx.ts";
import { refusal } from "../../../../support/refusal.ts";

async function read(content: OnnxContent | Uint8Array) {
  const path = join(await temporaryFolder(), "model.onnx");
  await writeFile(path, content instanceof Uint8Array ? content : onnxFile(content));
  return readOnnxFile(path, "model.onnx of hf:a/b");
}

test("a graph's outputs have their names and ranks", async () => {
  expect((await read({ outputs: { token_embeddings: 3, sentence_embedding: 2 } })).outputs).toEqual([
    { name: "token_embeddings", rank: 3 },
    { name: "sentence_embedding", rank: 2 },
  ]);
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
    outputs: [{ name: "last_hidden_state", rank: 3 }],
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
