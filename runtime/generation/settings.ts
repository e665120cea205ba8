import type { ModelConfig } from "../model-files/config.ts";
import { BadRequest } from "../request/errors.ts";
import type { ParameterValues } from "../request/parameters.ts";
import type { GENERATION_PARAMETERS } from "./parameters.ts";

export interface Settings {
  readonly maxNewTokens: number;
  readonly minNewTokens: number;
  readonly sample: boolean;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly typicalP: number;
  readonly repetitionPenalty: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  readonly noRepeatNgramSize: number;
  readonly seed: number | undefined;
  readonly stop: readonly string[];
  readonly ends: ReadonlySet<number>;
  /** Sequences of tokens that are never completed; a sequence of one token is never chosen. */
  readonly banned: readonly (readonly number[])[];
  /** Tokens that are never chosen first (or directly after a forced first token). */
  readonly notFirst: readonly number[];
  readonly forcedFirst: number | undefined;
  readonly forcedLast: number | undefined;
}

type Given = ParameterValues<typeof GENERATION_PARAMETERS>;

interface SettingsOptions {
  readonly config: ModelConfig;
  /** Tokens before the first new one; lengths in transformers include them. */
  readonly begun: number;
  /** Number of new tokens if neither the request nor the model has a limit. */
  readonly usualTokens: number;
  readonly pathOf: (parameter: string) => string;
}

/**
 * The request's parameters, else those of generation_config.json and config.json, else the defaults of transformers'
 * `generate`. `max_new_tokens` takes precedence over `max_length`. A request with a parameter of sampling turns it on.
 * @throws BadRequest when `max_length` leaves no room for a token
 */
export function settingsOf(given: Given, { config, begun, usualTokens, pathOf }: SettingsOptions): Settings {
  const inConfig = (name: string) => (typeof config[name] === "number" ? config[name] : undefined);
  const either = (name: keyof Given & string) => (given[name] as number | undefined) ?? inConfig(name);
  const wantsSample = ["temperature", "top_p", "min_p", "typical_p", "seed"].some(
    (name) => given[name as keyof Given] !== undefined,
  );
  const temperature = either("temperature") ?? 1;
  const end = given.eos_token_id ?? config.eos_token_id ?? [];
  const ends = new Set(typeof end === "number" ? [end] : end);
  const suppressed = given.suppress_tokens ?? config.suppress_tokens ?? [];
  return {
    maxNewTokens: mostTokens(given, { config, begun, usualTokens, pathOf }),
    minNewTokens:
      given.min_new_tokens ??
      lengthOf(given.min_length, begun) ??
      inConfig("min_new_tokens") ??
      lengthOf(inConfig("min_length"), begun) ??
      0,
    sample: temperature > 0 && (given.do_sample ?? (wantsSample || config.do_sample === true)),
    temperature,
    topK: either("top_k") ?? 50,
    topP: either("top_p") ?? 1,
    minP: either("min_p") ?? 0,
    typicalP: either("typical_p") ?? 1,
    repetitionPenalty: either("repetition_penalty") ?? 1,
    frequencyPenalty: given.frequency_penalty ?? 0,
    presencePenalty: given.presence_penalty ?? 0,
    noRepeatNgramSize: either("no_repeat_ngram_size") ?? 0,
    seed: given.seed,
    stop: stopsOf(given, pathOf),
    ends,
    banned: [...(given.bad_words_ids ?? config.bad_words_ids ?? []), ...suppressed.map((id) => [id])]
      // An end token is never banned.
      .filter((sequence) => sequence.length > 1 || !ends.has(sequence[0] ?? -1)),
    notFirst: given.begin_suppress_tokens ?? config.begin_suppress_tokens ?? [],
    forcedFirst: given.forced_bos_token_id ?? config.forced_bos_token_id ?? undefined,
    forcedLast: given.forced_eos_token_id ?? config.forced_eos_token_id ?? undefined,
  };
}

/** At most this many stop sequences, since each is searched for at every token. */
const MAX_STOPS = 256;

function stopsOf(given: Given, pathOf: SettingsOptions["pathOf"]): string[] {
  const stops = [given.stop, given.stop_sequence, given.stop_sequences, given.stop_strings]
    .flatMap((stop) => stop ?? [])
    .filter(Boolean);
  if (stops.length <= MAX_STOPS) return stops;
  throw new BadRequest(pathOf("stop"), `${stops.length} sequences, and at most ${MAX_STOPS} are allowed`);
}

const lengthOf = (length: number | undefined, begun: number) =>
  length === undefined ? undefined : Math.max(0, length - begun);

function mostTokens(given: Given, { config, begun, usualTokens, pathOf }: SettingsOptions): number {
  const { max_new_tokens: most = undefined, max_length: longest = undefined } = given;
  if (most !== undefined) return most;
  if (longest !== undefined) {
    if (longest > begun) return longest - begun;
    throw new BadRequest(pathOf("max_length"), `it is ${longest}, and the text has ${begun} tokens already`);
  }
  if (typeof config.max_new_tokens === "number") return config.max_new_tokens;
  if (typeof config.max_length !== "number" || config.max_length <= 1) return usualTokens;
  if (config.max_length > begun) return config.max_length - begun;
  throw new BadRequest(
    pathOf("inputs"),
    `${begun} tokens, and this model's own max_length is ${config.max_length}: send max_new_tokens`,
  );
}
