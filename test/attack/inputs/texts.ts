import { fill, inputsFor, times } from "./input.ts";

/** As many texts of one letter as an event holds. */
const LETTERS = 1_400_000;

/** A character that Unicode normalization turns into eighteen. */
const EXPANDING = "\ufdfa";

const encoders = [
  ...inputsFor("vectors", {
    "1.4 million one-letter texts": { memory: 1024, event: () => ({ inputs: times(LETTERS, "a") }) },
    "1.4 million one-letter texts, 512 MB": () => ({ inputs: times(LETTERS, "a") }),
    "a word of 6 MB": () => ({ inputs: fill("a") }),
    "6 MB of blanks": () => ({ inputs: fill(" ") }),
    "6 MB of no-break spaces": () => ({ inputs: fill("\u00a0") }),
    "6 MB of combining marks": () => ({ inputs: `a${fill("\u0301")}` }),
    "6 MB of ideographs": () => ({ inputs: fill("\u4e2d") }),
    "40,000 texts of 140 characters": () => ({ inputs: times(40_000, "lorem ipsum ".repeat(12)) }),
    "1.9 million empty texts": () => ({ inputs: times(1_900_000, "") }),
    "inputs nested 1.5 million deep": () => `{"inputs":${"[".repeat(1_500_000)}${"]".repeat(1_500_000)}}`,
    "parameters nested a million deep": () =>
      `{"inputs":"a","parameters":{"x":${'{"x":'.repeat(900_000)}1${"}".repeat(900_000)}}}`,
    "a parameter in both places, nested 400,000 deep": () => {
      const deep = `${"[".repeat(400_000)}${"]".repeat(400_000)}`;
      return `{"inputs":"a","x":${deep},"parameters":{"x":${deep}}}`;
    },
    "300,000 unknown parameters": () => ({
      inputs: "a",
      parameters: Object.fromEntries(times(300_000, 0).map((_, i) => [`p${i}`, i])),
    }),
    "a parameter's name of 5 MB": () => ({ inputs: "a", parameters: { [fill("truncate")]: true } }),
    "a model's name of 5 MB": () => ({ inputs: "a", model: fill("vectors") }),
    "eight slots with 6 MB of letters each": { slots: 8, event: () => ({ inputs: times(1_000_000, "a") }) },
    "eight slots with a word of 5 MB each": { slots: 8, event: () => ({ inputs: fill("a", 5_000_000) }) },
  }),
  ...inputsFor("similar", {
    "1.4 million one-letter sentences": () => ({
      inputs: { source_sentence: "a", sentences: times(LETTERS, "a") },
    }),
    "70,000 sources": () => ({ inputs: times(70_000, { source_sentence: "a", sentences: ["a", "b"] }) }),
    "a source of 6 MB": () => ({ inputs: { source_sentence: fill("a b "), sentences: ["a"] } }),
  }),
  ...inputsFor("mask", {
    "a million masks": () => ({ inputs: fill("[MASK]") }),
    "120 masks, each with every token of the vocabulary": () => ({
      inputs: "[MASK] ".repeat(120),
      parameters: { top_k: 1_000_000_000 },
    }),
    "20,000 masked texts, each with a thousand answers": () => ({
      inputs: times(20_000, "a [MASK] b"),
      parameters: { top_k: 1000 },
    }),
    "a million targets": () => ({ inputs: "[MASK]", parameters: { targets: times(1_000_000, "a") } }),
    "6 MB without a mask": () => ({ inputs: fill("a b ") }),
  }),
  ...inputsFor("moods", {
    "1.4 million one-letter texts": () => ({ inputs: times(LETTERS, "a") }),
    "a pair of 3 MB each": () => ({ inputs: { text: fill("a ", 2.9e6), text_pair: fill("b ", 2.9e6) } }),
    "150,000 pairs": () => ({ inputs: times(150_000, { text: "a", text_pair: "b" }) }),
    "6 MB of halves of surrogate pairs": () => `{"inputs":"${"\\ud800".repeat(980_000)}"}`,
  }),
  ...inputsFor("nli", {
    "3,000 texts × 3,000 labels": () => ({
      inputs: times(3000, "a"),
      parameters: { candidate_labels: times(3000, "b") },
    }),
    "3,000 texts × 3,000 labels in a text, 1024 MB": {
      memory: 1024,
      event: () => ({
        inputs: times(3000, "a"),
        parameters: { candidate_labels: fill("b,", 6000).slice(0, -1) },
      }),
    },
    "a text × 1.4 million labels": () => ({
      inputs: "a",
      parameters: { candidate_labels: times(LETTERS, "b") },
    }),
    "1.4 million texts × a label": () => ({
      inputs: times(LETTERS, "a"),
      parameters: { candidate_labels: ["b"] },
    }),
    "a hypothesis of 1 MB × 1,000 labels": () => ({
      inputs: "a",
      parameters: { candidate_labels: times(1000, "b"), hypothesis_template: `${fill("c ", 1e6)}{}` },
    }),
    "a text of 2 MB × 1,000 labels": () => ({
      inputs: fill("a ", 2e6),
      parameters: { candidate_labels: times(1000, "b") },
    }),
    "eight slots with 1,000 × 1,000 each": {
      slots: 8,
      event: () => ({ inputs: times(1000, "a"), parameters: { candidate_labels: times(1000, "b") } }),
    },
  }),
  ...inputsFor("answers", {
    "a context of 300 kB": () => ({ inputs: { question: "who?", context: fill("it was me. ", 300_000) } }),
    "a context of 6 MB": () => ({ inputs: { question: "who?", context: fill("it was me. ") } }),
    "a context of 6 MB without blanks": () => ({ inputs: { question: "who?", context: fill("a") } }),
    "a question of 6 MB": () => ({ inputs: { question: fill("who "), context: "it was me" } }),
    "100,000 questions": () => ({ inputs: times(100_000, { question: "a", context: "b" }) }),
    "windows that move by one token": () => ({
      inputs: { question: "a", context: fill("b ", 400_000) },
      parameters: { max_seq_len: 64, doc_stride: 59 },
    }),
    "every span of a context": () => ({
      inputs: { question: "a", context: fill("b ", 100_000) },
      parameters: { top_k: 1_000_000_000, max_answer_len: 1_000_000_000 },
    }),
  }),
  ...inputsFor("entities", {
    "a text of 6 MB": () => ({ inputs: fill("Ann in Rome ") }),
    "every token of 2 MB": () => ({
      inputs: fill("Ann in Rome ", 2e6),
      parameters: { aggregation_strategy: "none" },
    }),
    "windows that move by one token": () => ({
      inputs: fill("Ann ", 600_000),
      parameters: { stride: 125 },
    }),
    "a million one-letter texts": () => ({ inputs: times(1_000_000, "a") }),
    "a million labels to ignore": () => ({
      inputs: fill("Ann ", 20_000),
      parameters: { ignore_labels: times(700_000, "x") },
    }),
  }),
];

const endless = { max_new_tokens: 1_000_000_000, min_new_tokens: 1_000_000_000 };

const writers = [
  ...inputsFor("gpt2", {
    "tokens without end": () => ({ inputs: "a", parameters: endless }),
    "a stream without end": () => ({ inputs: "a", parameters: endless, stream: true }),
    "a prompt of 6 MB": () => ({ inputs: fill("a b ") }),
    "6 MB of a prompt to be cut off": () => ({ inputs: fill("a b "), parameters: { truncate: 10 } }),
    "1.4 million prompts": () => ({ inputs: times(LETTERS, "a") }),
    "a million stop sequences": () => ({ inputs: "a", parameters: { stop: times(1_000_000, "zz") } }),
    "a stop sequence of 5 MB": () => ({ inputs: "a", parameters: { stop: fill("a"), max_new_tokens: 100 } }),
    "10,000 stop sequences of 500 characters": () => ({
      inputs: "a",
      parameters: { stop: times(10_000, "e".repeat(500)), max_new_tokens: 1000 },
    }),
    "a million banned sequences": () => ({
      inputs: "a",
      parameters: { bad_words_ids: times(800_000, [1, 2]), max_new_tokens: 100 },
    }),
    "2.9 million suppressed tokens": () => ({
      inputs: "a",
      parameters: { suppress_tokens: times(2_900_000, 1) },
    }),
    "details of the whole vocabulary": () => ({
      inputs: "a",
      parameters: { details: true, top_n_tokens: 1_000_000_000, max_new_tokens: 100 },
    }),
    "150,000 messages": () => ({ inputs: times(150_000, { role: "user", content: "a" }) }),
    "a seed and a temperature at the ends of numbers": () => ({
      inputs: "a",
      parameters: { temperature: 5e-324, seed: Number.MAX_SAFE_INTEGER, top_p: 5e-324, ...endless },
    }),
  }),
  ...inputsFor("t5", {
    "tokens without end": () => ({ inputs: "a", parameters: endless }),
    "2 million characters that become 36 million": () => ({ inputs: fill(EXPANDING) }),
    "200,000 texts": () => ({ inputs: times(200_000, "a") }),
    "a million banned sequences in generate_parameters": () => ({
      inputs: "a",
      parameters: { generate_parameters: { bad_words_ids: times(800_000, [1, 2]) } },
    }),
  }),
  ...inputsFor("nllb", {
    "a language's name of 5 MB": () => ({
      inputs: "a",
      parameters: { src_lang: fill("fra_Latn"), tgt_lang: "deu_Latn" },
    }),
    "a language named __proto__": () => ({
      inputs: "a",
      parameters: { src_lang: "__proto__", tgt_lang: "constructor" },
    }),
    "2 million characters that become 36 million": () => ({
      inputs: fill(EXPANDING),
      parameters: { src_lang: "eng_Latn", tgt_lang: "fra_Latn" },
    }),
    "tokens without end": () => ({
      inputs: "a",
      parameters: { src_lang: "eng_Latn", tgt_lang: "fra_Latn", ...endless },
    }),
  }),
];

/** What callers may send to a task whose inputs are texts. */
export const TEXTS = [...encoders, ...writers];
