import type { ModelConfig } from "../config.ts";
import {
  boolean,
  integer,
  number,
  oneOf,
  type ParameterValues,
  positiveInteger,
  texts,
} from "../parameters.ts";

/** Parameters of every task that writes text, with their names at Hugging Face. */
export const GENERATION_PARAMETERS = {
  max_new_tokens: positiveInteger,
  min_new_tokens: integer(0),
  do_sample: boolean,
  temperature: number(0, 100),
  top_k: integer(0),
  top_p: number(0, 1),
  repetition_penalty: number(0.01, 100),
  no_repeat_ngram_size: integer(0),
  /** Beam search is not offered: 1 is what everything does. */
  num_beams: integer(1, 1),
  seed: integer(0),
  stop: texts,
  truncation_direction: oneOf(["left", "right"]),
};

/** How tokens are chosen, and when it ends. */
export interface Settings {
  readonly maxNewTokens: number;
  readonly minNewTokens: number;
  readonly sample: boolean;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly repetitionPenalty: number;
  readonly noRepeatNgramSize: number;
  readonly seed: number | undefined;
  readonly stop: readonly string[];
  /** Tokens that end the text. */
  readonly ends: readonly number[];
  /** Tokens that are never chosen. */
  readonly banned: readonly number[];
  readonly forcedFirst: number | undefined;
  readonly forcedLast: number | undefined;
}

/**
 * The request's parameters, else what generation_config.json and config.json say, else the usual. A request that names
 * a way to sample wants sampling.
 */
export function settingsOf(
  given: ParameterValues<typeof GENERATION_PARAMETERS>,
  config: ModelConfig,
  usualTokens: number,
): Settings {
  const configured = (name: string) => (typeof config[name] === "number" ? config[name] : undefined);
  const wantsSample =
    given.temperature !== undefined || given.top_p !== undefined || given.seed !== undefined;
  const temperature = given.temperature ?? configured("temperature") ?? 1;
  const { eos_token_id: end } = config;
  return {
    maxNewTokens: given.max_new_tokens ?? configured("max_new_tokens") ?? usualTokens,
    minNewTokens: given.min_new_tokens ?? configured("min_new_tokens") ?? 0,
    sample: temperature > 0 && (given.do_sample ?? (wantsSample || config.do_sample === true)),
    temperature,
    topK: given.top_k ?? configured("top_k") ?? 50,
    topP: given.top_p ?? configured("top_p") ?? 1,
    repetitionPenalty: given.repetition_penalty ?? configured("repetition_penalty") ?? 1,
    noRepeatNgramSize: given.no_repeat_ngram_size ?? configured("no_repeat_ngram_size") ?? 0,
    seed: given.seed,
    stop: given.stop ?? [],
    ends: typeof end === "number" ? [end] : (end ?? []),
    banned: (config.bad_words_ids ?? []).flatMap((ids) => (ids.length === 1 ? ids : [])),
    forcedFirst: config.forced_bos_token_id ?? undefined,
    forcedLast: config.forced_eos_token_id ?? undefined,
  };
}
