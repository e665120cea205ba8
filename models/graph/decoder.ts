import { findOutput } from "./outputs.ts";
import type { Port, Ports } from "./port.ts";

/** Inputs that the tokens read so far decide, a number for each token. */
const TOKEN_INPUTS = [
  "input_ids",
  "decoder_input_ids",
  "attention_mask",
  "decoder_attention_mask",
  "position_ids",
  "decoder_position_ids",
  "cache_position",
  "token_type_ids",
] as const;
export type TokenInput = (typeof TOKEN_INPUTS)[number];

/** Switches and counts: one number. */
const SINGLE_INPUTS = ["use_cache_branch", "num_logits_to_keep", "logits_to_keep"] as const;
export type SingleInput = (typeof SINGLE_INPUTS)[number];

const FED: readonly string[] = [...TOKEN_INPUTS, ...SINGLE_INPUTS];

/** Whether an input is one of those that tokens give. */
export const isFed = ({ name }: Port): boolean => FED.includes(name);

/** What a decoder is given beside tokens: what the encoder of its model made of the text. */
export const ENCODED = ["encoder_hidden_states", "encoder_attention_mask"] as const;

/** config.json as transformers writes it. */
type Config = Readonly<Record<string, unknown>>;

/** An input that takes a part of the cache, and the output that gives it anew. */
export interface CachePort {
  readonly past: Port;
  readonly present: string;
}

const PAST = /^past(_key_values)?[._]/;
const PRESENT = /^present(_key_values)?[._]/;

const isPast = ({ name }: Port): boolean => PAST.test(name);

/**
 * The parts of a graph's cache; none for a graph that reads the whole text at every step.
 * @throws Error for an input that no output fills
 */
export function cachePorts({ inputs, outputs }: Ports): CachePort[] {
  return inputs.filter(isPast).map((past) => {
    const part = past.name.replace(PAST, "");
    const present = outputs.find(({ name }) => PRESENT.test(name) && name.replace(PRESENT, "") === part);
    if (present) return { past, present: present.name };
    throw new Error(
      `the graph asks for ${past.name}, and no output of it gives that: export a decoder that begins without a cache as well (decoder_model_merged.onnx)`,
    );
  });
}

/**
 * Dimensions of one text without tokens: what the graph fixes stays, other dimensions are known by their names, else by
 * their places in [batch, heads, tokens, size].
 */
export function emptyDims({ name, shape }: Port, config: Config): number[] {
  const dims = shape.map((size, axis) => {
    if (typeof size === "number") return size;
    return namedSize(size, config) ?? (shape.length === 4 ? placedSize(axis, config) : undefined);
  });
  const unknown = dims.indexOf(undefined);
  if (unknown >= 0)
    throw new Error(
      `dimension ${unknown} ("${shape[unknown]}") of input ${name} is not known: fix it in the graph`,
    );
  if (!dims.includes(0)) throw new Error(`input ${name} has a fixed number of tokens (${shape.join(", ")})`);
  return dims as number[];
}

function namedSize(name: string, config: Config): number | undefined {
  if (/sequence|length|past|tokens?$/.test(name)) return 0;
  const [, afterBatch] = name.split(/batch/);
  if (afterBatch?.includes("head")) return heads(config);
  if (afterBatch !== undefined) return 1;
  if (/head_?(dim|size)/.test(name)) return headSize(config);
  return /heads/.test(name) ? heads(config) : undefined;
}

function placedSize(axis: number, config: Config): number | undefined {
  return [() => 1, () => heads(config), () => 0, () => headSize(config)][axis]?.();
}

function first(config: Config, names: readonly string[]): number | undefined {
  return names.map((name) => config[name]).find((value) => typeof value === "number") as number | undefined;
}

const ATTENTION_HEADS = ["decoder_attention_heads", "num_attention_heads", "num_heads", "n_head"];

function heads(config: Config): number | undefined {
  return first(config, ["num_key_value_heads", ...ATTENTION_HEADS]);
}

function headSize(config: Config): number | undefined {
  const own = first(config, ["head_dim", "d_kv"]);
  const width = first(config, ["hidden_size", "n_embd", "d_model"]);
  const count = first(config, ATTENTION_HEADS);
  return own ?? (width !== undefined && count ? width / count : undefined);
}

interface DecoderFacts {
  readonly config: Config;
  /** The output that the spec names for the scores. */
  readonly named?: string | undefined;
  /** Inputs that are given beside. */
  readonly others?: readonly string[];
}

/** @throws Error when a graph cannot be fed with tokens, naming the input, or gives no scores */
export function checkDecoder(graph: Ports, { config, named, others = [] }: DecoderFacts): void {
  findOutput("tokenLogits", graph.outputs, named);
  for (const port of graph.inputs) {
    if (!isPast(port) && !isFed(port) && !others.includes(port.name))
      throw new Error(`the graph asks for ${port.name}, which neither a text nor this runtime gives`);
  }
  for (const { past } of cachePorts(graph)) emptyDims(past, config);
}
