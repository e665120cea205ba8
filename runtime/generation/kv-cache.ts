import { type CachePort, emptyDims } from "../../models/graph/decoder.ts";
import type { ModelConfig } from "../model-files/config.ts";
import type { Numbers, Values } from "../onnx/graph.ts";

/** Keys and values of the tokens so far, by the names of the graph's inputs. */
export type Cache = Readonly<Record<string, Values<Numbers>>>;

export function emptyCache(ports: readonly CachePort[], config: ModelConfig): Cache {
  return Object.fromEntries(
    ports.map(({ past }) => [past.name, { data: new Float32Array(0), dims: emptyDims(past, config) }]),
  );
}

/**
 * Keeps the encoder's part of a cache, which is computed once: merged decoders return it empty from the second step
 * on.
 */
export function filled(cache: Cache, ports: readonly CachePort[], states: readonly Values<Numbers>[]): Cache {
  const fresh = ports.flatMap(({ past }, i) => {
    const state = states[i];
    return state && state.data.length > 0 ? [[past.name, state] as const] : [];
  });
  return { ...cache, ...Object.fromEntries(fresh) };
}
