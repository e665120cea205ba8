import { type CachePort, emptyDims } from "../../models/graph/decoder.ts";
import type { ModelConfig } from "../model-files/config.ts";
import type { Numbers, Values } from "../onnx/graph.ts";

/** Keys and values of the tokens so far, by the names of the inputs that take them. */
export type Cache = Readonly<Record<string, Values<Numbers>>>;

/** A cache without a token. */
export function emptyCache(ports: readonly CachePort[], config: ModelConfig): Cache {
  return Object.fromEntries(
    ports.map(({ past }) => [past.name, { data: new Float32Array(0), dims: emptyDims(past, config) }]),
  );
}

/** The encoder's part of a cache is computed once: merged decoders give it empty from the second step on. */
export function filled(cache: Cache, ports: readonly CachePort[], states: readonly Values<Numbers>[]): Cache {
  const fresh = ports.flatMap(({ past }, i) => {
    const state = states[i];
    return state && state.data.length > 0 ? [[past.name, state] as const] : [];
  });
  return { ...cache, ...Object.fromEntries(fresh) };
}
