import { cachePorts, isFed } from "../../models/graph/decoder.ts";
import type { Model } from "../model/model.ts";
import { outputFor } from "../model/outputs.ts";
import { type Feeds, floatsOf, type Graph, type Numbers, type Values } from "../onnx/graph.ts";
import { canFeed } from "../onnx/session.ts";
import { feedFor } from "./feeds.ts";
import type { Advance } from "./generate.ts";
import { emptyCache, filled } from "./kv-cache.ts";

type Decoder = Pick<Model, "graph" | "manifest" | "config">;

/** @throws Error naming the input, when no tensor can be made of tokens for it */
export function checkFeeds({ inputs }: Pick<Graph, "inputs">): void {
  for (const port of inputs) {
    const { name, type } = port;
    if (!canFeed(type))
      throw new Error(`the graph has an input ${name} of type ${type}, which is not supported`);
    if (isFed(port)) feedFor(port, { tokens: [0], before: 0 });
  }
}

/**
 * Reads tokens step by step: with a KV cache if the graph has one, otherwise all tokens again at every step.
 * @param others further inputs; those that the graph does not have are ignored
 * @returns a function that takes new tokens and scores the vocabulary for the next one
 */
export function openDecoder(decoder: Decoder, others: Feeds = {}): Advance {
  const { graph, config } = decoder;
  const ports = cachePorts(graph);
  const logits = outputFor("tokenLogits", decoder).name;
  const outputs = [logits, ...ports.map(({ present }) => present)];
  const asked = graph.inputs.filter(isFed);
  const given = Object.entries(others).filter(([name]) => graph.inputs.some((port) => port.name === name));
  let cache = emptyCache(ports, config);
  let before = 0;
  let all: readonly number[] = [];
  return async (fresh) => {
    all = ports.length > 0 ? fresh : [...all, ...fresh];
    const step = { tokens: all, before };
    const feeds = Object.fromEntries([
      ...given,
      ...Object.entries(cache),
      ...asked.map((port) => [port.name, feedFor(port, step)] as const),
    ]);
    const [scores, ...states] = await graph.run(feeds, outputs);
    cache = filled(cache, ports, states);
    if (ports.length > 0) before += fresh.length;
    return lastRow(scores as Values<Numbers>, logits);
  };
}

/** Scores after the last token; some graphs give only these. */
function lastRow(scores: Values<Numbers>, name: string): Float32Array {
  const { data, dims } = scores;
  const width = dims.at(-1) ?? 0;
  return floatsOf({ data: data.slice(data.length - width), dims: [width] }, name).data;
}
