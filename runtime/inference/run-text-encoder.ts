import { type OutputRole, outputFor } from "../model/outputs.ts";
import { floatsOf, type Port, type Values } from "../onnx/graph.ts";
import { timed, type Work } from "../request/work.ts";
import type { Model } from "../serving/open-model.ts";
import type { Encoding } from "../tokenizer/encoding.ts";
import { cellLimit, checkInputs, fixedSizes, toBatches, toFeeds } from "./batches.ts";
import { cellsInTime, expectedTime, notePace } from "./throughput.ts";

/** What one encoding gave in one output: its own tokens' numbers without padding, or the whole text's. */
export type Row = Values<Float32Array>;

/** Throws when a graph cannot be fed with texts, or lacks the outputs. */
export function checkEncoder(model: Pick<Model, "graph" | "manifest">, roles: readonly OutputRole[]): void {
  checkInputs(model.graph.inputs);
  fixedSizes(model.graph.inputs);
  for (const role of roles) outputFor(role, model);
}

/** Whether an output has one entry per token; only then padding is to be left out. */
function isPerToken(role: OutputRole, { shape }: Port): boolean {
  return role !== "logits" && (role !== "vectors" || shape.length !== 2);
}

/**
 * Computes outputs of encodings, batch by batch, and hands each encoding's rows to `read` at once, so that no more than
 * a batch is kept.
 * @returns what `read` gave, in the order of the encodings
 */
export async function runEncoder<T>(
  model: Pick<Model, "graph" | "manifest" | "tokenizer">,
  encodings: readonly Encoding[],
  { roles, work }: { readonly roles: readonly OutputRole[]; readonly work: Work },
  read: (rows: Row[], encoding: Encoding, index: number) => T,
): Promise<T[]> {
  const { graph, tokenizer } = model;
  const ports = roles.map((role) => outputFor(role, model));
  const perToken = ports.map((port, i) => isPerToken(roles[i] as OutputRole, port));
  const answers = new Array<T>(encodings.length);
  const lengths = encodings.map(({ ids }) => ids.length);
  const fixed = fixedSizes(graph.inputs);
  const maxCells = Math.min(cellLimit(widthOf(ports)), cellsInTime(graph));
  for (const indexes of toBatches(
    lengths.map((length) => fixed.tokens ?? length),
    { maxCells, maxTexts: fixed.texts },
  )) {
    const batch = indexes.map((index) => encodings[index] as Encoding);
    const longest = fixed.tokens ?? Math.max(...batch.map(({ ids }) => ids.length));
    const cells = (fixed.texts ?? batch.length) * longest;
    work.checkTime(expectedTime(graph, cells));
    const feeds = await timed(work, "tokenization", () => toFeeds(batch, graph.inputs, tokenizer));
    const names = ports.map(({ name }) => name);
    const start = performance.now();
    const results = (await graph.run(feeds, names)).map((result, i) => floatsOf(result, names[i] ?? ""));
    const took = performance.now() - start;
    work.timings.inference += took;
    notePace(graph, cells, took);
    for (const [i, index] of indexes.entries()) {
      const length = lengths[index] ?? 0;
      const rows = results.map((result, port) =>
        rowOf(result, i, perToken[port] ? { length, padSide: tokenizer.padSide } : undefined),
      );
      answers[index] = read(rows, encodings[index] as Encoding, index);
    }
  }
  return answers;
}

/** Tokens that are held at once of windows that come one by one: enough for many batches. */
const HELD = 65_536;

/**
 * The same for windows that come one by one, of texts that may be long: no more than some of them are held.
 * @returns what `read` gave, in the order of the windows
 */
export async function runWindows<W extends { readonly encoding: Encoding }, T>(
  model: Pick<Model, "graph" | "manifest" | "tokenizer">,
  windows: AsyncIterator<W, void>,
  options: { readonly roles: readonly OutputRole[]; readonly work: Work },
  read: (rows: Row[], window: W) => T,
): Promise<T[]> {
  const answers: T[] = [];
  for (let isDone = false; !isDone; ) {
    const held: W[] = [];
    for (let tokens = 0; tokens < HELD && !isDone; ) {
      const next = await timed(options.work, "tokenization", () => windows.next());
      isDone = next.done === true;
      if (next.done) break;
      held.push(next.value);
      tokens += next.value.encoding.ids.length;
    }
    const encodings = held.map(({ encoding }) => encoding);
    const found = await runEncoder(model, encodings, options, (rows, _, i) => read(rows, held[i] as W));
    for (const one of found) answers.push(one);
  }
  return answers;
}

/** Numbers per token, where the graph says how many. */
function widthOf(ports: readonly Port[]): number {
  const widths = ports.map(({ shape }) => (shape.length === 3 ? Number(shape[2]) || 1 : 1));
  return Math.max(...widths);
}

/** The `index`-th row of a batch; of a row per token, the text's own part. */
function rowOf(
  { data, dims }: Values<Float32Array>,
  index: number,
  own?: { readonly length: number; readonly padSide: "left" | "right" },
): Row {
  const [rows = 1, tokens = 1, ...inner] = dims;
  const size = data.length / rows;
  if (!own) return { data: data.subarray(index * size, (index + 1) * size), dims: [tokens, ...inner] };
  const length = Math.min(own.length, tokens);
  const start = index * size + (own.padSide === "left" ? tokens - length : 0) * (size / tokens);
  return { data: data.subarray(start, start + length * (size / tokens)), dims: [length, ...inner] };
}
