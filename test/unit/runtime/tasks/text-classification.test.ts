import { expect, test } from "vitest";
import { textGraph } from "../../../support/tiny-model.ts";
import { taskWith } from "./run.ts";

/** Scores a text by how often it has a, b and c. */
const counts = textGraph("logits", (ids) =>
  [4, 5, 6].map((token) => ids.filter((id) => id === token).length),
);
const config = { id2label: { 0: "A", 1: "B", 2: "C" } };
const { run, check, warmUp } = taskWith("text-classification", counts, { config });
const labels = (reply: unknown) =>
  (reply as { label: string }[][]).map((list) => list.map(({ label }) => label));

test("labels with scores, the best first; one text alone is a list of one list", async () => {
  const reply = (await run({ inputs: "b b a" })) as { label: string; score: number }[][];
  expect(labels(reply)).toEqual([["B", "A", "C"]]);
  expect(reply[0]?.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1);
  expect(labels(await run({ inputs: ["a", "c", "b b a a c"] }))).toEqual([
    ["A", "B", "C"],
    ["C", "A", "B"],
    ["A", "B", "C"],
  ]);
});

test("top_k and function_to_apply", async () => {
  expect(labels(await run({ inputs: "c", parameters: { top_k: 1 } }))).toEqual([["C"]]);
  expect(await run({ inputs: "b b", parameters: { function_to_apply: "none", top_k: 1 } })).toEqual([
    [{ label: "B", score: 2 }],
  ]);
  expect(await run({ inputs: "b", parameters: { function_to_apply: "sigmoid", top_k: 5 } })).toEqual([
    [
      { label: "B", score: expect.closeTo(0.731, 3) },
      { label: "A", score: 0.5 },
      { label: "C", score: 0.5 },
    ],
  ]);
});

test("what config.json says of the problem decides how logits become scores", async () => {
  const several = taskWith("text-classification", counts, {
    config: { problem_type: "multi_label_classification" },
  });
  expect(await several.run({ inputs: "" })).toEqual([
    [0, 1, 2].map((i) => ({ label: `LABEL_${i}`, score: 0.5 })),
  ]);
  const regression = taskWith("text-classification", counts, { config: { problem_type: "regression" } });
  expect(await regression.run({ inputs: "a a", top_k: 1 })).toEqual([[{ label: "LABEL_0", score: 2 }]]);
});

test("one class is scored for itself, whether or not config.json names it", async () => {
  const graph = textGraph("logits", (ids) => [ids.filter((id) => id === 4).length]);
  for (const config of [{}, { id2label: { 0: "LABEL_0" } }]) {
    const reranker = taskWith("text-classification", graph, { config });
    const score = { label: "LABEL_0", score: expect.closeTo(0.7311, 4) };
    expect(await reranker.run({ inputs: "a" })).toEqual([[score]]);
  }
});

test("a pair is read together; a list of two texts is two texts", async () => {
  const pairs = taskWith(
    "text-classification",
    textGraph("logits", (ids) => [ids.length]),
    {},
  );
  const raw = async (inputs: unknown) =>
    ((await pairs.run({ inputs, raw_scores: true })) as { score: number }[][]).map(([one]) => one?.score);
  expect(await raw({ text: "a b", text_pair: "c" })).toEqual([6]);
  expect(await raw(["a b", "c"])).toEqual([4, 3]);
  expect(await raw([{ text: "a", text_pair: "b" }, "c", { text: "a" }])).toEqual([5, 3, 3]);
  const long = { text: "a ".repeat(20), text_pair: "b" };
  expect(await raw(long)).toEqual([12]);
  await expect(pairs.run({ inputs: [["a", "b"]] })).rejects.toThrow("inputs[0]: expected a text, or a pair");
  await expect(pairs.run({ inputs: [long], truncate: false })).rejects.toThrow("inputs[0]: 24 tokens");
});

test("return_all_scores, as before top_k", async () => {
  expect(labels(await run({ inputs: "c", return_all_scores: false }))).toEqual([["C"]]);
  expect(labels(await run({ inputs: "c", return_all_scores: true }))).toEqual([["C", "A", "B"]]);
});

test("it warms up, and a graph without logits per text is refused", async () => {
  check();
  await warmUp();
  expect(() => taskWith("text-classification", { ...counts, outputs: [] }).check()).toThrow(
    "no output for logits",
  );
});

test("a wrong parameter is named", async () => {
  await expect(run({ inputs: "a", parameters: { top_k: 0 } })).rejects.toThrow("parameters.top_k: expected");
  await expect(run({ inputs: "a", parameters: { topk: 1 } })).rejects.toThrow("did you mean top_k?");
});
