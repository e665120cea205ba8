import { expect, test } from "vitest";
import type { Graph } from "../../../../runtime/onnx/graph.ts";
import { port } from "../../../support/tiny-model.ts";
import { COLOUR_MODEL, paint } from "./painted.ts";
import { taskWith } from "./run.ts";

const { graph, images, config } = COLOUR_MODEL;
const { run, check, warmUp } = taskWith("image-classification", graph, { images, config });

const red = await paint("#ff0000");
const teal = await paint("#008087");
const labels = (reply: unknown) => (reply as { label: string }[]).map(({ label }) => label);

test("one image gives a list of labels with scores, the best first; a list of images a list of lists", async () => {
  const reply = (await run({ inputs: red })) as { label: string; score: number }[];
  expect(labels(reply)).toEqual(["red", "green", "blue"]);
  expect(reply.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1);
  const several = (await run({ inputs: [teal, red, `data:image/png;base64,${teal}`] })) as unknown[];
  expect(several.map(labels)).toEqual([
    ["blue", "green", "red"],
    ["red", "green", "blue"],
    ["blue", "green", "red"],
  ]);
  expect(await run({ inputs: [red] })).toEqual([reply]);
});

test("top_k and function_to_apply; five unasked", async () => {
  expect(labels(await run({ inputs: red, parameters: { top_k: 1 } }))).toEqual(["red"]);
  expect(await run({ inputs: teal, parameters: { function_to_apply: "none", top_k: 2 } })).toEqual([
    { label: "blue", score: 13.5 },
    { label: "green", score: expect.closeTo(12.8) },
  ]);
  const many: Graph = {
    ...graph,
    run: async () => [{ data: Float32Array.from({ length: 9 }, (_, i) => i), dims: [1, 9] }],
  };
  const { run: runMany } = taskWith("image-classification", many, { images });
  expect(labels(await runMany({ inputs: red }))).toEqual([8, 7, 6, 5, 4].map((i) => `LABEL_${i}`));
  expect(await runMany({ inputs: red, top_k: 100 })).toHaveLength(9);
});

test("it warms up with an image of its own, and a graph for texts is refused", async () => {
  check();
  await warmUp();
  const texts = { ...graph, inputs: [port("input_ids", "int64", ["batch", "tokens"])] };
  expect(() => taskWith("image-classification", texts, { images }).check()).toThrow(
    "image-classification needs a graph",
  );
  expect(() => taskWith("image-classification", { ...graph, outputs: [] }, { images }).check()).toThrow(
    "no output for logits",
  );
});

test.each([
  [5, "inputs: expected a picture: base64, a data: URI or s3://bucket/key, or a list of them"],
  [{ image: "x" }, "inputs: expected a picture"],
  [[], "inputs: the list is empty"],
  [[red, null], "inputs[1]: expected a picture: base64, a data: URI or s3://bucket/key"],
  [[red, "hello world"], "inputs[1]: no picture in JPEG, PNG, WebP, GIF, TIFF or AVIF"],
  ["", "inputs: the picture is empty"],
  [red.slice(0, 60), "inputs: the picture is damaged or cut off"],
  ["http://169.254.169.254/latest", "inputs: http is not fetched"],
])("%j is refused, and the next call is right", async (inputs, says) => {
  await expect(run({ inputs })).rejects.toThrow(says);
  expect(labels(await run({ inputs: red }))).toEqual(["red", "green", "blue"]);
});

test("a wrong parameter is named", async () => {
  await expect(run({ inputs: red, parameters: { topk: 1 } })).rejects.toThrow("did you mean top_k?");
  await expect(run({ inputs: red, parameters: { function_to_apply: "relu" } })).rejects.toThrow(
    'parameters.function_to_apply: expected "softmax" or "sigmoid" or "none"',
  );
});
