import { expect, test } from "vitest";
import type { Parameters } from "../../../../../build/smoke/checks/check.ts";
import { CHECKS } from "../../../../../build/smoke/checks/index.ts";
import type { Task } from "../../../../../models/tasks.ts";
import { refusal } from "../../../../support/refusal.ts";
import { context, RULES } from "./context.ts";

interface Case {
  readonly task: Task;
  readonly answer: unknown;
  readonly input?: unknown;
  readonly parameters?: Parameters;
}

const TEXT = "I live in 東京 🙂.";
const LABELS = { candidate_labels: ["city", "animal"] };
const QUESTION = { question: "Where?", context: TEXT };
const SENTENCES = { source_sentence: "a", sentences: ["b", "c"] };
const BEST = { score: 0.6, token: 7, token_str: "big", sequence: "a big city" };
const NEXT = { score: 0.1, token: 8, token_str: "new", sequence: "a new city" };
const PLACE = { entity_group: "LOC", score: 0.9, word: "東京", start: 10, end: 12 };
const TOKEN = { entity: "B-LOC", index: 4, score: 0.9, word: "東京", start: 10, end: 12 };
const SPAN = { score: 0.4, start: 13, end: 14, answer: "🙂" };
const verdict = (scores: Record<string, number>) =>
  Object.entries(scores).map(([label, score]) => ({ label, score }));
const VERDICT = verdict({ city: 0.8, animal: 0.2 });

const NONE = { aggregation_strategy: "none" };
const RIGHT: Case[] = [
  { task: "fill-mask", answer: [BEST, NEXT] },
  { task: "fill-mask", answer: [[BEST], [BEST, NEXT]] },
  { task: "fill-mask", answer: Array.from({ length: 7 }, () => NEXT), parameters: { top_k: 7 } },
  { task: "token-classification", answer: [] },
  { task: "token-classification", answer: [PLACE, { ...PLACE, start: 13, end: 15 }] },
  { task: "token-classification", answer: [TOKEN], parameters: NONE },
  { task: "question-answering", answer: SPAN },
  { task: "question-answering", answer: { score: 0.9, start: 0, end: 0, answer: "" } },
  { task: "question-answering", answer: [SPAN, { ...SPAN, score: 0.1 }], parameters: { top_k: 3 } },
  { task: "zero-shot-classification", answer: VERDICT },
  { task: "zero-shot-classification", answer: VERDICT, parameters: { candidate_labels: "animal, city" } },
  {
    task: "zero-shot-classification",
    answer: verdict({ city: 0.9, animal: 0.8 }),
    parameters: { ...LABELS, multi_label: true },
  },
  {
    task: "zero-shot-classification",
    answer: verdict({ city: 0.1 }),
    parameters: { candidate_labels: ["city"] },
  },
  { task: "sentence-similarity", answer: [1.0000001, -0.3] },
  { task: "summarization", answer: { summary_text: "short" } },
  { task: "translation", answer: { translation_text: "kurz" } },
  { task: "text-generation", answer: [{ generated_text: `${TEXT} And` }] },
  { task: "text-generation", answer: [{ generated_text: "And" }], parameters: { return_full_text: false } },
  {
    task: "text-generation",
    answer: [{ generated_text: "Hello" }],
    input: [{ role: "user", content: "Hi" }],
  },
];

const WRONG: (Case & { readonly says: string })[] = [
  { task: "fill-mask", answer: [], says: "Expected a list of candidates" },
  { task: "fill-mask", answer: [{ ...BEST, token: 1.5 }], says: "Expected a list of candidates" },
  { task: "fill-mask", answer: [{ ...BEST, sequence: "" }], says: "Expected a list of candidates" },
  { task: "fill-mask", answer: [NEXT, BEST], says: "The candidates are not in the order of their scores" },
  { task: "fill-mask", answer: [[BEST], [NEXT, BEST]], says: "The candidates are not in the order" },
  { task: "fill-mask", answer: [BEST, BEST], says: "The scores sum to 1.2, more than 1" },
  { task: "fill-mask", answer: [{ ...BEST, score: 2 }], says: "A score is 2, not from 0 to 1" },
  {
    task: "fill-mask",
    answer: Array.from({ length: 6 }, () => NEXT),
    says: "There are 6 candidates, and 5 were asked for",
  },
  { task: "token-classification", answer: PLACE, says: "Expected a list of entities" },
  { task: "token-classification", answer: [{ ...PLACE, start: -1 }], says: "Expected a list of entities" },
  { task: "token-classification", answer: [{ ...PLACE, score: null }], says: "Expected a list of entities" },
  { task: "token-classification", answer: [TOKEN], says: "An entity has no entity_group" },
  { task: "token-classification", answer: [PLACE], parameters: NONE, says: "An entity has no entity" },
  { task: "token-classification", answer: [{ ...PLACE, score: 7 }], says: "A score is 7" },
  {
    task: "token-classification",
    answer: [{ ...PLACE, end: 16 }],
    says: "An entity is at 10 to 16 of a text of 15 characters",
  },
  { task: "token-classification", answer: [{ ...PLACE, start: 13 }], says: "An entity is at 13 to 12" },
  {
    task: "token-classification",
    answer: [PLACE, { ...PLACE, start: 2 }],
    says: "The entities are not in the order of the text",
  },
  { task: "question-answering", answer: null, says: "Expected an answer with score, start and end" },
  { task: "question-answering", answer: [SPAN], says: "Expected one answer" },
  {
    task: "question-answering",
    answer: SPAN,
    parameters: { top_k: 2 },
    says: "Expected a list of answers",
  },
  { task: "question-answering", answer: { ...SPAN, score: 1.1 }, says: "A score is 1.1" },
  {
    task: "question-answering",
    answer: [{ ...SPAN, score: 0.1 }, SPAN],
    parameters: { top_k: 2 },
    says: "The answers are not in the order of their scores",
  },
  {
    task: "question-answering",
    answer: { ...SPAN, start: 12 },
    says: 'The context has " 🙂" at 12 to 14, not "🙂"',
  },
  { task: "question-answering", answer: { ...SPAN, end: 99 }, says: 'The context has "🙂." at 13 to 99' },
  { task: "zero-shot-classification", answer: [VERDICT], says: "Expected a list of labels with scores" },
  {
    task: "zero-shot-classification",
    answer: verdict({ city: 0.8, fish: 0.2 }),
    says: "The labels are not those of the request",
  },
  {
    task: "zero-shot-classification",
    answer: verdict({ city: 1 }),
    says: "The labels are not those of the request",
  },
  { task: "zero-shot-classification", answer: verdict({ city: 0.2, animal: 0.8 }), says: "not in the order" },
  {
    task: "zero-shot-classification",
    answer: verdict({ city: 0.9, animal: 0.8 }),
    says: "The scores sum to",
  },
  { task: "sentence-similarity", answer: [], says: "Expected a list of similarities" },
  { task: "sentence-similarity", answer: [0.5, null], says: "Expected a list of similarities" },
  { task: "sentence-similarity", answer: [0.5], says: "There are 1 similarities of 2 sentences" },
  { task: "sentence-similarity", answer: [0.5, -1.2], says: "A score is -1.2, not from -1 to 1" },
  { task: "summarization", answer: { translation_text: "x" }, says: "Expected a list of one summary_text" },
  { task: "summarization", answer: { summary_text: "" }, says: "summary_text is empty" },
  { task: "translation", answer: { translation_text: "" }, says: "translation_text is empty" },
  { task: "translation", answer: "kurz", says: "Expected a list of one translation_text" },
  { task: "text-generation", answer: [], says: "Expected a list of one generated_text" },
  { task: "text-generation", answer: [{ generated_text: TEXT }], says: "Nothing was written" },
  {
    task: "text-generation",
    answer: [{ generated_text: "And" }],
    says: "generated_text does not begin with",
  },
  {
    task: "text-generation",
    answer: [{ generated_text: "" }],
    parameters: { return_full_text: false },
    says: "Nothing was written",
  },
];

const INPUTS: Partial<Record<Task, unknown>> = {
  "question-answering": QUESTION,
  "sentence-similarity": SENTENCES,
};
const PARAMETERS: Partial<Record<Task, Parameters>> = { "zero-shot-classification": LABELS };
const askedOf = ({ task, input = INPUTS[task] ?? TEXT, parameters = PARAMETERS[task] ?? {} }: Case) =>
  context(input, { parameters });

test.each(RIGHT)("$task: $answer passes", (one) => {
  CHECKS[one.task].check(one.answer, askedOf(one));
});

test.each(WRONG)("$task: $answer is refused: $says", async ({ says, ...one }) => {
  const error = await refusal(() => CHECKS[one.task].check(one.answer, askedOf(one)));
  expect(error.exitCode).toBe(1);
  expect(error.message).toContain(says);
});

test.each<Case>([
  { task: "summarization", answer: { summary_text: "" } },
  { task: "text-generation", answer: [{ generated_text: TEXT }] },
])("$task: nothing written passes where it is compared with what is expected", ({ task, answer }) => {
  CHECKS[task].check(answer, context(TEXT, { compared: true }));
});

test("similarities of quantized vectors may change by twice the gate's angle", async () => {
  const { compareQuantized } = CHECKS["sentence-similarity"];
  const limits = { ...RULES, gate: { ...RULES.gate, cosine: Math.cos(0.1) } };
  const expected = [Math.cos(1), 1];
  expect(compareQuantized?.([Math.cos(1.19), Math.cos(0.2)], expected, limits)).toBeCloseTo(
    Math.cos(1) - Math.cos(1.19),
  );
  expect(compareQuantized?.([[Math.cos(0.81), 1]], [expected], limits)).toBeCloseTo(
    Math.cos(0.81) - Math.cos(1),
  );
  await refusal(() => compareQuantized?.([Math.cos(1.21), 1], expected, limits));
  await refusal(() => compareQuantized?.([Math.cos(0.79), 1], expected, limits));
  const few = await refusal(() => compareQuantized?.([1], expected, limits));
  expect(few.message).toBe("There are 1 similarities, expected 2");
  const odd = await refusal(() => compareQuantized?.([1], { score: 1 }, limits));
  expect(odd.message).toContain("`expected` in the spec");
});

test("zero-shot-classification is compared with what Python's pipeline gives as well", () => {
  const compare = CHECKS["zero-shot-classification"].compare;
  const python = { sequence: TEXT, labels: ["city", "animal"], scores: [0.8, 0.3] };
  const limits = { ...RULES, tolerance: 0.2 };
  expect(compare?.(VERDICT, python, limits)).toBeCloseTo(0.1);
  expect(compare?.([VERDICT], [python], limits)).toBeCloseTo(0.1);
  const other = { ...python, labels: ["animal", "city"] };
  expect(() => compare?.(VERDICT, other, limits)).toThrow('answer[0].label is "city", expected "animal"');
});

test.each(Object.entries(CHECKS))("the documented answer of %s is one that its check takes", (_, check) => {
  const { inputs = check.defaultSample.inputs, parameters, answer } = check.example;
  check.check(answer, context(inputs, { ...(parameters && { parameters }), limits: { normalize: false } }));
});
