import { expect, test } from "vitest";
import { textGraph } from "../../../support/tiny-model.ts";
import { taskWith } from "./run.ts";

/** The pair entails the more, the more tokens of the second text stand in the first. */
const overlap = textGraph("logits", (ids) => {
  const second = ids.indexOf(3);
  const common = ids.slice(second + 1).filter((id) => id > 3 && ids.slice(0, second).includes(id)).length;
  return [common, 0, 0];
});
const config = { id2label: { 0: "ENTAILMENT", 1: "neutral", 2: "contradiction" } };
const { run, check, warmUp } = taskWith("zero-shot-classification", overlap, { config });
const template = { hypothesis_template: "{}" };

test("the candidate that follows from the text comes first", async () => {
  const parameters = { candidate_labels: ["c", "a b"], ...template };
  expect(await run({ inputs: "a b", parameters })).toEqual([
    { label: "a b", score: expect.closeTo(0.8808, 4) },
    { label: "c", score: expect.closeTo(0.1192, 4) },
  ]);
  const list = (await run({ inputs: ["a", "c"], parameters })) as { label: string }[][];
  expect(list.map(([first]) => first?.label)).toEqual(["a b", "c"]);
});

test("multi_label judges each for itself, against contradiction", async () => {
  const parameters = { candidate_labels: "c, a b", multi_label: true, ...template };
  expect(await run({ inputs: "a b", parameters })).toEqual([
    { label: "a b", score: expect.closeTo(0.8808, 4) },
    { label: "c", score: 0.5 },
  ]);
});

test.each([1, 2])(
  "where the classes have no such names, the last of them is entailment: after %i others",
  async (others) => {
    const graph = textGraph("logits", (ids) => [
      ...Array<number>(others).fill(0),
      ids.filter((id) => id === 4).length,
    ]);
    const { run: judge } = taskWith("zero-shot-classification", graph, {
      config: { id2label: { 0: "LABEL_0" } },
    });
    const parameters = { candidate_labels: ["b", "a"], ...template };
    const one = [
      { label: "a", score: expect.closeTo(0.7311, 4) },
      { label: "b", score: expect.closeTo(0.2689, 4) },
    ];
    expect(await judge({ inputs: "c", parameters })).toEqual(one);
    const each = await judge({ inputs: "c", parameters: { ...parameters, multi_label: true } });
    expect(each).toEqual([one[0], { label: "b", score: 0.5 }]);
  },
);

test.each([
  { parameters: {}, error: "parameters.candidate_labels: missing" },
  {
    parameters: { candidate_labels: [] },
    error: "parameters.candidate_labels: expected a list of texts, not empty",
  },
  { parameters: { candidate_labels: ["a", " "] }, error: "parameters.candidate_labels: a label is empty" },
  {
    parameters: { candidate_labels: ["a"], hypothesis_template: "a" },
    error: "parameters.hypothesis_template: expected {}",
  },
])("$error", async ({ parameters, error }) => {
  await expect(run({ inputs: "a", parameters })).rejects.toThrow(error);
});

test("a label is not taken for a pattern of replacement; it warms up", async () => {
  const parameters = { candidate_labels: ["$&"] };
  expect(await run({ inputs: "a", parameters })).toMatchObject([{ label: "$&" }]);
  check();
  await warmUp();
});
