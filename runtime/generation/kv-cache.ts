import type { ModelConfig } from "../model-files/config.ts";
import type { Graph, Numbers, Port, Values } from "../onnx/graph.ts";

/** Keys and values of the tokens so far, by the names of the inputs that take them. */
export type Cache = Readonly<Record<string, Values<Numbers>>>;

/** An input that takes a part of the cache, and the output that gives it anew. */
export interface CachePort {
  readonly past: Port;
  readonly present: string;
}

const PAST = /^past(_key_values)?[._]/;
const PRESENT = /^present(_key_values)?[._]/;

export const isPast = ({ name }: Port): boolean => PAST.test(name);

/**
 * The parts of a graph's cache; none for a graph that reads the whole text at every step.
 * @throws Error for an input that no output fills
 */
export function cachePorts({ inputs, outputs }: Pick<Graph, "inputs" | "outputs">): CachePort[] {
  return inputs.filter(isPast).map((past) => {
    const part = past.name.replace(PAST, "");
    const present = outputs.find(({ name }) => PRESENT.test(name) && name.replace(PRESENT, "") === part);
    if (present) return { past, present: present.name };
    throw new Error(
      `the graph asks for ${past.name}, and no output of it gives that: export a decoder that begins without a cache as well (decoder_model_merged.onnx)`,
    );
  });
}

/** A cache without a token. */
export function emptyCache(ports: readonly CachePort[], config: ModelConfig): Cache {
  return Object.fromEntries(
    ports.map(({ past }) => [past.name, { data: new Float32Array(0), dims: emptyDims(past, config) }]),
  );
}

/**
 * Dimensions of one text without tokens: what the graph fixes stays, other dimensions are known by their names, else by
 * their places in [batch, heads, tokens, size].
 */
function emptyDims({ name, shape }: Port, config: ModelConfig): number[] {
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

function namedSize(name: string, config: ModelConfig): number | undefined {
  if (/sequence|length|past|tokens?$/.test(name)) return 0;
  const [, afterBatch] = name.split(/batch/);
  if (afterBatch?.includes("head")) return heads(config);
  if (afterBatch !== undefined) return 1;
  if (/head_?(dim|size)/.test(name)) return headSize(config);
  return /heads/.test(name) ? heads(config) : undefined;
}

function placedSize(axis: number, config: ModelConfig): number | undefined {
  return [() => 1, () => heads(config), () => 0, () => headSize(config)][axis]?.();
}

function first(config: ModelConfig, names: readonly string[]): number | undefined {
  return names.map((name) => config[name]).find((value) => typeof value === "number") as number | undefined;
}

const ATTENTION_HEADS = ["decoder_attention_heads", "num_attention_heads", "num_heads", "n_head"];

function heads(config: ModelConfig): number | undefined {
  return first(config, ["num_key_value_heads", ...ATTENTION_HEADS]);
}

function headSize(config: ModelConfig): number | undefined {
  const own = first(config, ["head_dim", "d_kv"]);
  const width = first(config, ["hidden_size", "n_embd", "d_model"]);
  const count = first(config, ATTENTION_HEADS);
  return own ?? (width !== undefined && count ? width / count : undefined);
}

/** The encoder's part of a cache is computed once: merged decoders give it empty from the second step on. */
export function filled(cache: Cache, ports: readonly CachePort[], states: readonly Values<Numbers>[]): Cache {
  const fresh = ports.flatMap(({ past }, i) => {
    const state = states[i];
    return state && state.data.length > 0 ? [[past.name, state] as const] : [];
  });
  return { ...cache, ...Object.fromEntries(fresh) };
}
