import { expect, test } from "vitest";
import { graphOf } from "../../../support/tiny-model.ts";
import { taskWith } from "./run.ts";

/** An answer starts at `a` and ends at `b`; without one, the first token says so. */
const graph = graphOf({
  start_logits: (id) => [id === 4 ? 9 : id === 2 ? 3 : 0],
  end_logits: (id) => [id === 5 ? 9 : id === 2 ? 3 : 0],
});
const { run, check, warmUp } = taskWith("question-answering", graph);
const ask = (context: string, parameters = {}) => run({ inputs: { question: "c", context }, parameters });

test("the answer is the context's own words, with their place", async () => {
  expect(await ask("c  A c B c")).toEqual({ score: expect.any(Number), start: 3, end: 8, answer: "A c B" });
});

test("a part of a word is widened to the word, unless align_to_words is false", async () => {
  expect(await ask("c a bd c")).toMatchObject({ answer: "a bd" });
  expect(await ask("c a bd c", { align_to_words: false })).toMatchObject({ answer: "a b" });
});

test("top_k gives a list, the best first; max_answer_len bounds it", async () => {
  const list = (await ask("c a b", { top_k: 2 })) as { answer: string; score: number }[];
  expect(list.map(({ answer }) => answer)).toEqual(["a b", "c a b"]);
  expect(await ask("a c c b", { max_answer_len: 2 })).not.toMatchObject({ answer: "a c c b" });
});

test("a context longer than the model reads is read in windows", async () => {
  const long = `${"c ".repeat(40)}a b ${"c ".repeat(40)}`;
  expect(await ask(long)).toMatchObject({ answer: "a b", start: 80, end: 83 });
  expect(await ask(long, { max_seq_len: 8, doc_stride: 2 })).toMatchObject({ answer: "a b", start: 80 });
});

test("handle_impossible_answer: nothing, when the model says so", async () => {
  expect(await ask("c c c", { handle_impossible_answer: true })).toMatchObject({ answer: "" });
});

test("a list of questions", async () => {
  const inputs = [
    { question: "c", context: "a b" },
    { question: "c", context: "c c a c b" },
  ];
  expect(await run({ inputs })).toMatchObject([{ answer: "a b" }, { answer: "a c b" }]);
});

test.each([
  { context: "", parameters: {}, error: "inputs.context: there is nothing in it" },
  {
    context: "a",
    parameters: { max_seq_len: 13 },
    error: "parameters.max_seq_len: this model takes at most 12",
  },
  {
    context: "a a a a",
    parameters: { max_seq_len: 4 },
    error: "leave no room for the context after the question",
  },
  {
    context: "a",
    parameters: { doc_stride: 7 },
    error: "parameters.doc_stride: windows of 12 tokens have 8 of the context, and may share 6 at most",
  },
])("$error", async ({ context, parameters, error }) => {
  await expect(ask(context, parameters)).rejects.toThrow(error);
});

test("it warms up, and a graph with one output is refused", async () => {
  check();
  await warmUp();
  const one = graphOf({ start_logits: () => [0] });
  expect(() => taskWith("question-answering", one).check()).toThrow("no output for endLogits");
});
