import type { Feeds, Graph, Port, Values } from "../graph.ts";

/** Keys and values of the tokens so far, by the names of the inputs that take them. */
type Cache = Readonly<Record<string, Values<Float32Array>>>;

const PAST = /^past_key_values\./;

/** What one step through a decoder gives. */
export interface Step {
  /** Scores of the vocabulary for the token after the last. */
  readonly logits: Float32Array;
  readonly cache: Cache;
}

/** An empty cache: no token yet in every input that takes one. */
export function emptyCache(graph: Graph): Cache {
  const past = graph.inputs.filter(({ name }) => PAST.test(name));
  return Object.fromEntries(
    past.map((port) => [port.name, { data: new Float32Array(0), dims: emptyDims(port) }]),
  );
}

/** [batch, heads, tokens, size]: one text, and no tokens; what the graph fixes stays. */
function emptyDims({ shape }: Port): number[] {
  return shape.map((size, i) => (i === 2 ? 0 : typeof size === "number" ? size : 1));
}

/**
 * One step: the graph reads the new tokens, given the cache of those before.
 * @param extra what else the graph may ask for; of it only what the graph knows is given
 */
export async function step(graph: Graph, cache: Cache, extra: Feeds): Promise<Step> {
  const names = new Set(graph.inputs.map(({ name }) => name));
  const own = Object.fromEntries(Object.entries(extra).filter(([name]) => names.has(name)));
  const missing = [...names].filter((name) => !Object.hasOwn(own, name) && !Object.hasOwn(cache, name));
  if (missing.length > 0)
    throw new Error(`the graph asks for ${missing.join(", ")}, which a text does not give`);
  const present = graph.outputs.filter(({ name }) => name.startsWith("present"));
  const [logits, ...states] = await graph.run({ ...own, ...cache }, [
    "logits",
    ...present.map(({ name }) => name),
  ]);
  const [, tokens = 1, width = 0] = logits?.dims ?? [];
  const last = logits?.data.slice((tokens - 1) * width, tokens * width) ?? new Float32Array();
  const next = present.map(({ name }, i) => [
    name.replace(/^present(_key_values)?\./, "past_key_values."),
    states[i],
  ]);
  return { logits: last, cache: merged(cache, next as [string, Values<Float32Array>][]) };
}

/** The encoder's part of a cache is computed once: merged decoders give it empty from the second step on. */
function merged(cache: Cache, next: readonly (readonly [string, Values<Float32Array>])[]): Cache {
  const kept = next.filter(([name, state]) => Object.hasOwn(cache, name) && state.data.length > 0);
  return { ...cache, ...Object.fromEntries(kept) };
}
