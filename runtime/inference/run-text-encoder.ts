import { setImmediate as turn } from "node:timers/promises";
import { fixedSizes } from "../../models/graph/encoder.ts";
import { heldTokens, TEXT_TOKENS } from "../environment/budget.ts";
import type { TextModel } from "../model/model.ts";
import { type OutputRole, outputFor } from "../model/outputs.ts";
import { floatsOf, type Port, type Values } from "../onnx/graph.ts";
import { timed, type Work } from "../request/work.ts";
import type { Encoding } from "../tokenizer/encoding.ts";
import { cellLimit, toBatches, toFeeds } from "./batches.ts";
import { cellsInTime, expectedTime, recordRun } from "./throughput.ts";

/** The values of one text in one output: of its own tokens, without padding, or of the whole text. */
export type Row = Values<Float32Array>;

/** Whether an output has a row per token, so that padding must be removed. */
function isPerToken(role: OutputRole, { shape }: Port): boolean {
  return role !== "logits" && (role !== "vectors" || shape.length !== 2);
}

interface RunOptions {
  readonly roles: readonly OutputRole[];
  readonly work: Work;
}

interface Item {
  readonly encoding: Encoding;
}

/** Tokens that are collected before they are sorted into batches of similar length: enough for many batches. */
const HELD = heldTokens(process.env);

/**
 * Runs texts that arrive one by one, and passes the rows of each to `read`, so that only one batch of rows and a limited
 * number of texts are in memory.
 * @returns the results of `read`, in the order of the texts
 */
export async function* runEncoder<I extends Item, T>(
  model: Pick<TextModel, "graph" | "manifest" | "tokenizer">,
  items: AsyncIterable<I>,
  options: RunOptions,
  read: (rows: Row[], item: I) => T,
): AsyncGenerator<T, void> {
  let held: I[] = [];
  let tokens = 0;
  for await (const item of items) {
    held.push(item);
    tokens += item.encoding.ids.length + TEXT_TOKENS;
    if (tokens < HELD) continue;
    yield* await runHeld(model, held, options, read);
    [held, tokens] = [[], 0];
  }
  yield* await runHeld(model, held, options, read);
}

async function runHeld<I extends Item, T>(
  model: Pick<TextModel, "graph" | "manifest" | "tokenizer">,
  items: readonly I[],
  { roles, work }: RunOptions,
  read: (rows: Row[], item: I) => T,
): Promise<T[]> {
  const { graph, tokenizer } = model;
  const ports = roles.map((role) => outputFor(role, model));
  const perToken = ports.map((port, i) => isPerToken(roles[i] as OutputRole, port));
  const answers = new Array<T>(items.length);
  const lengths = items.map(({ encoding }) => encoding.ids.length);
  const fixed = fixedSizes(graph.inputs);
  const maxCells = Math.min(cellLimit(widthOf(ports)), cellsInTime(graph));
  for (const [run, indexes] of toBatches(
    lengths.map((length) => fixed.tokens ?? length),
    { maxCells, maxTexts: fixed.texts },
  ).entries()) {
    // Lets other requests be received and timers fire.
    if (run > 0) await turn();
    const batch = indexes.map((index) => (items[index] as I).encoding);
    const longest = fixed.tokens ?? Math.max(...batch.map(({ ids }) => ids.length));
    const cells = (fixed.texts ?? batch.length) * longest;
    work.checkTime(expectedTime(graph, cells));
    const feeds = await timed(work, "preprocessing", () => toFeeds(batch, graph.inputs, tokenizer));
    const names = ports.map(({ name }) => name);
    const start = performance.now();
    const results = (await graph.run(feeds, names)).map((result, i) => floatsOf(result, names[i] ?? ""));
    const took = performance.now() - start;
    work.timings.inference += took;
    recordRun(graph, cells, took);
    for (const [i, index] of indexes.entries()) {
      const length = lengths[index] ?? 0;
      const rows = results.map((result, port) =>
        rowOf(result, i, perToken[port] ? { length, padSide: tokenizer.padSide } : undefined),
      );
      answers[index] = read(rows, items[index] as I);
    }
  }
  return answers;
}

/** Size of the last dimension; 1 if the graph leaves it open. */
export const lastSize = ({ shape }: Port): number => Number(shape.at(-1)) || 1;

function widthOf(ports: readonly Port[]): number {
  const widths = ports.map(({ shape }) => (shape.length === 3 ? Number(shape[2]) || 1 : 1));
  return Math.max(...widths);
}

/** Row `index` of a batch; for rows per token, without the padding. */
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
