import fc from "fast-check";
import type { TaskName } from "../tasks/models.ts";
import { PICTURES } from "../tasks/painted.ts";
import { texts, values } from "./arbitraries.ts";

type Parameters = Readonly<Record<string, fc.Arbitrary<unknown>>>;

const few = fc.nat(20);
const someTexts = fc.array(texts, { maxLength: 4 });
const oneOrMore = <T>(item: fc.Arbitrary<T>) => fc.oneof(item, fc.array(item, { maxLength: 4 }));

const TEXT: Parameters = {
  truncate: fc.boolean(),
  truncation: fc.constantFrom("do_not_truncate", "longest_first", "only_first", "only_second", true, false),
  truncation_direction: fc.constantFrom("left", "right"),
  max_tokens: few,
};

const GENERATION: Parameters = {
  max_new_tokens: few,
  max_length: few,
  min_new_tokens: few,
  min_length: few,
  do_sample: fc.boolean(),
  temperature: fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), fc.constantFrom(0, 1e-300, 100)),
  top_k: few,
  top_p: fc.double({ min: 0, max: 1, noNaN: true }),
  min_p: fc.double({ min: 0, max: 1, noNaN: true }),
  typical_p: fc.double({ min: 0, max: 1, noNaN: true }),
  frequency_penalty: fc.double({ min: -2, max: 2, noNaN: true }),
  presence_penalty: fc.double({ min: -2, max: 2, noNaN: true }),
  bad_words_ids: fc.array(fc.array(few, { maxLength: 3 }), { maxLength: 3 }),
  suppress_tokens: fc.array(few, { maxLength: 9 }),
  begin_suppress_tokens: fc.array(few, { maxLength: 9 }),
  eos_token_id: few,
  num_beams: few,
  clean_up_tokenization_spaces: fc.boolean(),
  repetition_penalty: fc.double({ min: 0.01, max: 3, noNaN: true }),
  no_repeat_ngram_size: fc.nat(5),
  seed: fc.nat(),
  stop: someTexts,
};

const TEXT_TO_TEXT = {
  inputs: oneOrMore(texts),
  parameters: {
    ...TEXT,
    ...GENERATION,
    src_lang: texts,
    tgt_lang: texts,
    generate_parameters: fc.record(GENERATION, { requiredKeys: [] }),
  },
};

const chat = fc.array(
  fc.record({ role: fc.constantFrom("user", "assistant", "system", "x"), content: texts }),
  { maxLength: 3 },
);

/** What each task takes for `inputs` and for its parameters. */
const TASKS: Readonly<Record<TaskName, { inputs: fc.Arbitrary<unknown>; parameters: Parameters }>> = {
  "feature-extraction": {
    inputs: oneOrMore(texts),
    parameters: { normalize: fc.boolean(), dimensions: few, prompt_name: texts, ...TEXT },
  },
  "fill-mask": {
    inputs: oneOrMore(fc.tuple(texts, texts).map((parts) => parts.join(" [UNK] "))),
    parameters: { top_k: few, targets: someTexts, ...TEXT },
  },
  "image-classification": {
    inputs: oneOrMore(fc.oneof(fc.constantFrom(...PICTURES), fc.base64String(), texts)),
    parameters: { top_k: few, function_to_apply: fc.constantFrom("softmax", "sigmoid", "none") },
  },
  "question-answering": {
    inputs: oneOrMore(fc.record({ question: texts, context: texts })),
    parameters: {
      top_k: few,
      doc_stride: few,
      max_answer_len: few,
      max_question_len: few,
      max_seq_len: few,
      max_tokens: few,
      handle_impossible_answer: fc.boolean(),
      align_to_words: fc.boolean(),
    },
  },
  "sentence-similarity": {
    inputs: oneOrMore(fc.record({ source_sentence: texts, sentences: someTexts })),
    parameters: TEXT,
  },
  summarization: TEXT_TO_TEXT,
  "text-classification": {
    inputs: oneOrMore(
      fc.oneof(texts, fc.record({ text: texts, text_pair: texts }, { requiredKeys: ["text"] })),
    ),
    parameters: { top_k: few, function_to_apply: fc.constantFrom("softmax", "sigmoid", "none"), ...TEXT },
  },
  "text-generation": {
    inputs: fc.oneof(oneOrMore(texts), chat),
    parameters: {
      ...GENERATION,
      return_full_text: fc.boolean(),
      details: fc.boolean(),
      top_n_tokens: few,
      truncate: few,
    },
  },
  "token-classification": {
    inputs: oneOrMore(texts),
    parameters: {
      aggregation_strategy: fc.constantFrom("simple", "none", "first", "average", "max"),
      stride: few,
      ignore_labels: fc.array(fc.constantFrom("O", "PER", "LOC"), { maxLength: 3 }),
      ...TEXT,
    },
  },
  translation: TEXT_TO_TEXT,
  "zero-shot-classification": {
    inputs: oneOrMore(texts),
    parameters: {
      candidate_labels: fc.oneof(texts, someTexts),
      hypothesis_template: fc.oneof(
        fc.constantFrom("{}", "It is {}.", "a"),
        texts.map((text) => `{}${text}`),
      ),
      multi_label: fc.boolean(),
      ...TEXT,
    },
  },
};

/** Parameters without which a task answers nothing. */
const REQUIRED = ["candidate_labels"];

/** A request for a task: nearly always right in its shape, often with values that nobody would send. */
export function requestsFor(task: TaskName): fc.Arbitrary<unknown> {
  const { inputs, parameters } = TASKS[task];
  const usual: Parameters = { ...parameters, server: fc.boolean() };
  const requiredKeys = Object.keys(usual).filter((name) => REQUIRED.includes(name));
  // Each optional parameter seldom: a request with all of them is hardly ever one that is answered.
  const given = fc
    .tuple(
      fc.subarray(
        Object.keys(usual).filter((name) => !requiredKeys.includes(name)),
        { maxLength: 3 },
      ),
      fc.record(usual),
    )
    .map(([chosen, all]) =>
      Object.fromEntries([...requiredKeys, ...chosen].map((name) => [name, all[name]])),
    );
  return fc.record({
    inputs: fc.oneof({ weight: 19, arbitrary: inputs }, { weight: 1, arbitrary: values }),
    parameters: fc.oneof(
      { weight: 18, arbitrary: given },
      { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...Object.keys(usual), "nonsense"), values) },
      { weight: 1, arbitrary: values },
    ),
    stream: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.boolean() }),
  });
}
