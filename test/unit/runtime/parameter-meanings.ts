/** What docs/parameters.md says of each parameter: its effect, and the default. */
type Meanings = Readonly<Record<string, string>>;

const MODEL = "Default: as in the model's config, else";

/** The same in every task, unless a task below says otherwise. */
const COMMON: Meanings = {
  bad_words_ids: "Sequences of tokens that are never generated. Default: as in the model's config.",
  begin_suppress_tokens: "Tokens that are not generated first. Default: as in the model's config.",
  clean_up_tokenization_spaces:
    "Whether spaces before punctuation are removed. Default: as in the tokenizer's config ([requests.md](requests.md#generated-text)).",
  do_sample:
    "Whether tokens are sampled. Default: true if the request has `temperature`, `top_p`, `min_p`, `typical_p` or `seed`, or the model's config says so.",
  eos_token_id: "Tokens that end the text. Default: as in the model's config.",
  forced_bos_token_id: "First token of the text. Default: as in the model's config.",
  forced_eos_token_id:
    "Last token of a text that reaches its maximum length. Default: as in the model's config.",
  frequency_penalty: "Penalty for each earlier occurrence of a token. Default: 0.",
  function_to_apply:
    "Function that turns logits into scores. Default: `sigmoid` for one class or `multi_label_classification`, `none` for `regression`, otherwise `softmax`.",
  generate_kwargs: "As `generate_parameters`.",
  generate_parameters: "Generation parameters of this table, in an object of their own.",
  max_length: "As `max_tokens`, which takes precedence.",
  max_new_tokens: `Longest generated text, in tokens. ${MODEL} 100 for text-generation and 256 for other tasks.`,
  max_tokens: "Longest input, in tokens. Default: the model's `maxTokens`, which is also the maximum.",
  min_length: "As `min_new_tokens`, which takes precedence, with the tokens of the prompt included.",
  min_new_tokens: `Shortest generated text, in tokens. ${MODEL} 0.`,
  min_p: `Drops tokens whose probability is below this share of the highest one. ${MODEL} 0.`,
  no_repeat_ngram_size: `Sequences of this many tokens are not repeated; 0: no limit. ${MODEL} 0.`,
  pad_token_id: "No effect: texts are generated one at a time, without padding.",
  presence_penalty: "Penalty for tokens that occurred before. Default: 0.",
  prompt_name: "Name of the prompt to put in front of each text. Default: the model's default prompt.",
  repetition_penalty: `Factor that makes repeated tokens less likely; 1: no effect. ${MODEL} 1.`,
  seed: "Seed of the random numbers: the same seed gives the same text. Default: random.",
  stop: "Generation ends at any of these texts. Default: none.",
  stop_sequence: "Added to `stop`.",
  stop_sequences: "Added to `stop`.",
  stop_strings: "Added to `stop`.",
  suppress_tokens: "Tokens that are never generated. Default: as in the model's config.",
  temperature: `Randomness of sampling; 0: always the likeliest token. ${MODEL} 1.`,
  top_k: "Number of results. Default: all.",
  top_p: `Samples from the likeliest tokens that have this probability together. ${MODEL} 1.`,
  truncate: "Whether longer inputs are truncated; `false`: they are refused. Default: true.",
  truncation: "As `truncate`, over which it takes precedence, with the strategies of transformers for pairs.",
  truncation_direction: "Side that is cut off. Default: as in the tokenizer's config, else right.",
  typical_p: `Locally typical sampling with this probability; 1: off. ${MODEL} 1.`,
};

const GENERATED: Meanings = {
  top_k: `Samples from this many of the likeliest tokens; 0: from all. ${MODEL} 50.`,
  max_length:
    "As `max_new_tokens`, which takes precedence, with the tokens of the prompt included. Default: as in the model's config.",
};

const REWRITTEN: Meanings = {
  ...GENERATED,
  max_length:
    "As `max_new_tokens`, which takes precedence, with the start token included. Default: as in the model's config.",
  min_length: "As `min_new_tokens`, which takes precedence, with the start token included.",
};

const BY_TITLE: Readonly<Record<string, Meanings>> = {
  "feature-extraction": {
    dimensions: "Number of dimensions to keep, from the first. Default: all.",
    normalize:
      "Whether vectors are scaled to length 1, and rounded to 8 decimals. Default: as in the model's spec.",
  },
  "fill-mask": {
    targets: "Words to choose from. Default: the whole vocabulary.",
    top_k: "Number of results. Default: 5.",
  },
  "image-classification": { top_k: "Number of labels. Default: 5." },
  "question-answering": {
    align_to_words: "Whether answers are extended to whole words. Default: true.",
    doc_stride:
      "Tokens that neighbouring windows of the context share. Default: 128, or less in short windows.",
    handle_impossible_answer: "Whether an empty answer is a possible result. Default: false.",
    max_answer_len: "Longest answer, in tokens. Default: 15.",
    max_question_len: "Longest question, in tokens; longer ones are truncated. Default: 64.",
    max_seq_len: "Tokens of a window, question included. Default: 384, or the model's `maxTokens` if lower.",
    max_tokens: "As `max_seq_len`, which takes precedence.",
    top_k: "Number of answers. Above 1 the reply is a list. Default: 1.",
    topk: "As `top_k`, which takes precedence: the name before transformers 4.13.",
  },
  summarization: REWRITTEN,
  "text-classification": {
    raw_scores: '`true`: as `function_to_apply` "none". Default: false.',
    return_all_scores: "`false`: as `top_k` 1, which takes precedence. Default: true.",
    top_k: "Number of labels. Default: all.",
  },
  "text-generation": {
    ...GENERATED,
    add_special_tokens:
      "Whether special tokens are added to the prompt. Default: true for a text, false for messages.",
    details: "Whether the reply has `details` of each token. Default: false.",
    return_full_text:
      "Whether the reply begins with the prompt. Default: true for a text, false for messages and in a stream.",
    top_n_tokens: "Number of the likeliest tokens to list in place of each token. Default: 0.",
    truncate: "Number of prompt tokens to keep. Default: all; a prompt that is too long is refused.",
    truncation_direction: "Side that `truncate` cuts off. Default: left.",
  },
  "token-classification": {
    aggregation_strategy: "How tokens become entities, as in transformers. Default: simple.",
    grouped_entities:
      'The names before transformers had `aggregation_strategy`: false is "none", true "simple".',
    ignore_labels: 'Labels to leave out. Default: `["O"]`.',
    ignore_subwords: 'With `grouped_entities`: true is "first".',
    stride:
      "Tokens that neighbouring windows of a long text share. Default: 128, or half a window if that is less.",
    truncate:
      "`true`: longer texts are truncated; `false`: they are refused. Default: they are read in windows.",
  },
  translation: {
    ...REWRITTEN,
    src_lang: "Language of the input, by the model's own name for it. Default: as in the tokenizer.",
    tgt_lang: "Language of the answer, by the model's own name for it. Default: as in the model's config.",
  },
  "zero-shot-classification": {
    candidate_labels: "Required. Labels to choose from; in a text, separated by commas.",
    hypothesis_template: "Sentence to test, with `{}` in place of the label. Default: `This example is {}.`",
    multi_class: "As `multi_label`, which takes precedence: the name before transformers 4.4.",
    multi_label: "Whether each label is scored independently. Default: false: the scores sum to 1.",
  },
  "text-generation: chat completions": {
    ...GENERATED,
    logprobs: "Whether the reply has the log probability of each token. Default: false.",
    max_completion_tokens: "As `max_tokens`, which takes precedence.",
    max_tokens: "As `max_new_tokens`, over which it takes precedence.",
    stream_options: '`{"include_usage": true}`: the stream ends with the number of tokens.',
    top_logprobs:
      "With `logprobs`: number of the likeliest tokens to list in place of each token. Default: 0.",
  },
};

/** The meaning of a parameter in one section of docs/parameters.md; undefined where none is written. */
export const meaningOf = (title: string, name: string): string | undefined =>
  BY_TITLE[title]?.[name] ?? COMMON[name];
