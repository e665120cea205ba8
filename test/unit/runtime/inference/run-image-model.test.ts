import { describe, expect, test } from "vitest";
import type { ImageProcessor } from "../../../../runtime/image-processing/image-processor.ts";
import { pictureInput, runImageModel } from "../../../../runtime/inference/run-image-model.ts";
import type { Graph } from "../../../../runtime/onnx/graph.ts";
import { port, tinyModel, work } from "../../../support/tiny-model.ts";

const shape = (...dims: (string | number)[]) => dims;

/** Gives each image the sum of its numbers; notes how many images each run has. */
function sums(
  dims: (string | number)[] = shape("batch", 3, "h", "w"),
): Graph & { readonly runs: number[][] } {
  const runs: number[][] = [];
  return {
    runs,
    inputs: [port("pixel_values", "float32", dims)],
    outputs: [port("logits", "float32", ["batch", 1])],
    async run({ pixel_values: pixels }) {
      const [count = 0] = pixels?.dims ?? [];
      runs.push([...(pixels?.dims ?? [])]);
      const size = (pixels?.data.length ?? 0) / count;
      const data = Float32Array.from({ length: count }, (_, i) =>
        ((pixels?.data ?? []) as Float32Array).subarray(i * size, (i + 1) * size).reduce((a, b) => a + b, 0),
      );
      return [{ data, dims: [count, 1] }];
    },
    close: async () => {},
  };
}

/** A file is its own image: a row of pixels, as many as its text says. */
const reader: ImageProcessor & { readonly fetched: string[] } = {
  ahead: 4,
  fetched: [],
  async fetch(source) {
    this.fetched.push(source);
    if (source === "missing") throw new Error("missing");
    return Buffer.from(source);
  },
  async read(file) {
    const width = Number(Buffer.from(file).toString());
    return { width, height: 1, data: new Uint8Array(width * 3).fill(width) };
  },
  toTensor: (images) => Float32Array.from(images.flatMap(({ data }) => [...data])),
};

const run = (graph: Graph, sources: string[]) =>
  runImageModel(tinyModel(graph), reader, { sources, fieldOf: (i) => `inputs[${i}]`, work: work() });
const firsts = (rows: Float32Array[]) => rows.map(([first]) => first);

test("images of one size go through the graph together, and answers are in their order", async () => {
  const graph = sums();
  expect(firsts(await run(graph, ["2", "2", "4", "2", "2", "2"]))).toEqual([12, 12, 48, 12, 12, 12]);
  expect(graph.runs).toEqual([
    [2, 3, 1, 2],
    [1, 3, 1, 4],
    [3, 3, 1, 2],
  ]);
});

test("a batch has eight at most, and one where the graph takes one", async () => {
  const many = Array.from({ length: 11 }, () => "2");
  const [free, single] = [sums(), sums(shape(1, 3, 1, 2))];
  expect(await run(free, many)).toEqual(await run(single, many));
  expect(free.runs.map(([count]) => count)).toEqual([8, 3]);
  expect(single.runs.map(([count]) => count)).toEqual(Array(11).fill(1));
});

test("colours side by side where the graph has them last", async () => {
  const graph = sums(shape("batch", 1, 2, 3));
  await run(graph, ["2"]);
  expect(graph.runs).toEqual([[1, 1, 2, 3]]);
});

test("a few files are fetched ahead, each once; the first failure is the one that is told", async () => {
  reader.fetched.length = 0;
  await run(sums(), ["1", "2", "3", "4", "5", "6"]);
  expect(reader.fetched).toEqual(["1", "2", "3", "4", "5", "6"]);
  reader.fetched.length = 0;
  await expect(run(sums(), ["missing", "missing", "1", "2", "3", "4"])).rejects.toThrow("missing");
  expect(reader.fetched).toEqual(["missing", "missing", "1", "2"]);
});

describe("a graph is refused", () => {
  test.each([
    [[port("input_ids", "int64", ["batch", "tokens"])], "input_ids: int64[batch, tokens]"],
    [[], "and this one has "],
    [
      [port("a", "float32", [1, 3, 8, 8]), port("b", "float32", [1])],
      "a: float32[1, 3, 8, 8]; b: float32[1]",
    ],
    [[port("a", "float32", [4, 3, 8, 8])], "takes 4 pictures at once"],
  ])("%j", (inputs, says) => {
    expect(() => pictureInput({ graph: { ...sums(), inputs } })).toThrow(says);
  });
});
