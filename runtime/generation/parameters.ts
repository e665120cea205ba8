import {
  boolean,
  either,
  integer,
  number,
  type Parameter,
  positiveInteger,
  text,
  textsOrNone,
  unsupported,
} from "../request/parameters.ts";

const GREEDY = "this runtime decodes greedily or by sampling, and returns one text";
const BEAMS = "it applies to beam search, which this runtime does not have";
const ONE_MODEL = "one model answers a request, without adapters or an assistant";
const TEXT_ONLY = "the answer is text";
const INTERNAL = "it controls how transformers computes, and has no effect on the text";

/** Most token ids in a request: more than any vocabulary has. */
const MAX_IDS = 300_000;

const tokenLists: Parameter<readonly (readonly number[])[]> = {
  expected: "a list of lists of token ids, at most 300,000 in all",
  read: (value) =>
    Array.isArray(value) &&
    value.length <= MAX_IDS &&
    value.every(isIds) &&
    value.reduce((sum, { length }) => sum + length, 0) <= MAX_IDS
      ? value
      : undefined,
};

const tokens: Parameter<readonly number[]> = {
  expected: "a list of token ids, at most 300,000",
  read: (value) => (isIds(value) ? value : undefined),
};

function isIds(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) &&
    value.length <= MAX_IDS &&
    value.every((id) => Number.isSafeInteger(id) && id >= 0)
  );
}

/**
 * Parameters of every task that writes text, with their names in transformers' GenerationConfig and its pipelines, and in
 * text-generation-inference: https://huggingface.co/docs/transformers/main_classes/text_generation
 */
export const GENERATION_PARAMETERS = {
  max_new_tokens: positiveInteger,
  max_length: positiveInteger,
  min_new_tokens: integer(0),
  min_length: integer(0),
  do_sample: boolean,
  temperature: number(0, 100),
  top_k: integer(0),
  top_p: number(0, 1),
  min_p: number(0, 1),
  typical_p: number(0, 1),
  seed: integer(0),
  repetition_penalty: number(0.01, 100),
  frequency_penalty: number(-2, 2),
  presence_penalty: number(-2, 2),
  no_repeat_ngram_size: integer(0),
  bad_words_ids: tokenLists,
  suppress_tokens: tokens,
  begin_suppress_tokens: tokens,
  eos_token_id: either(integer(0), tokens),
  forced_bos_token_id: integer(0),
  forced_eos_token_id: integer(0),
  stop: either(textsOrNone, text),
  stop_sequence: text,
  stop_sequences: either(textsOrNone, text),
  stop_strings: either(textsOrNone, text),
  clean_up_tokenization_spaces: boolean,
  skip_special_tokens: unsupported("special tokens are never part of the text", true),
  num_return_sequences: unsupported(GREEDY, 1),
  num_beams: unsupported(GREEDY, 1),
  num_beam_groups: unsupported(GREEDY, 1),
  best_of: unsupported(GREEDY, 0, 1),
  early_stopping: unsupported(GREEDY, false),
  length_penalty: unsupported(BEAMS, 1),
  diversity_penalty: unsupported(BEAMS, 0),
  constraints: unsupported(GREEDY),
  force_words_ids: unsupported(GREEDY),
  penalty_alpha: unsupported("contrastive search is not available", 0),
  dola_layers: unsupported("the graph outputs the scores of its last layer only"),
  epsilon_cutoff: unsupported("use top_p or min_p", 0),
  eta_cutoff: unsupported("use top_p or min_p", 0),
  encoder_repetition_penalty: unsupported("use repetition_penalty", 1),
  encoder_no_repeat_ngram_size: unsupported("use no_repeat_ngram_size", 0),
  sequence_bias: unsupported("use suppress_tokens or bad_words_ids"),
  exponential_decay_length_penalty: unsupported("use max_new_tokens"),
  guidance_scale: unsupported("it would run the model twice for each token", 1),
  max_time: unsupported("the function's timeout limits the time; use max_new_tokens"),
  token_healing: unsupported("the new text starts after the last token of the prompt", false),
  watermark: unsupported("texts are not watermarked", false),
  watermarking_config: unsupported("texts are not watermarked"),
  grammar: unsupported("constrained decoding is not available"),
  adapter_id: unsupported(ONE_MODEL),
  assistant_model: unsupported(ONE_MODEL),
  prompt_lookup_num_tokens: unsupported(INTERNAL),
  num_assistant_tokens: unsupported(INTERNAL, 20),
  renormalize_logits: unsupported(INTERNAL, true, false),
  remove_invalid_values: unsupported(INTERNAL, true, false),
  use_cache: unsupported(INTERNAL, true, false),
  cache_implementation: unsupported(INTERNAL),
  low_memory: unsupported(INTERNAL, true, false),
  decoder_start_token_id: unsupported("it is read from the model's config.json"),
  bos_token_id: unsupported("it is read from the model's tokenizer"),
  pad_token_id: {
    expected: "a token id",
    read: (value) => (Number.isSafeInteger(value) ? value : undefined),
  } as Parameter<unknown>,
  batch_size: unsupported("texts are generated one at a time", 1),
  tokenizer_encode_kwargs: unsupported("texts are tokenized as tokenizer.json says", {}),
  return_tensors: unsupported(TEXT_ONLY, false),
  return_text: unsupported(TEXT_ONLY, true),
  return_type: unsupported(`${TEXT_ONLY}; use return_full_text`),
  return_dict_in_generate: unsupported(TEXT_ONLY, false),
  output_scores: unsupported(TEXT_ONLY, false),
  output_logits: unsupported(TEXT_ONLY, false),
  output_attentions: unsupported(TEXT_ONLY, false),
  output_hidden_states: unsupported(TEXT_ONLY, false),
};
