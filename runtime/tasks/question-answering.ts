import { TEXT_PARAMETERS } from "../encode.ts";
import { checkEncoder, runEncoder } from "../encoder.ts";
import { BadRequest } from "../errors.ts";
import { readObjects } from "../inputs.ts";
import type { Model } from "../model.ts";
import { boolean, integer, type ParameterValues, positiveInteger, readParameters } from "../parameters.ts";
import type { InferenceRequest } from "../request.ts";
import { offsetsOf } from "../text/offsets.ts";
import { slice, wholeWords } from "../text/words.ts";
import type { Encoding, Range } from "../tokenizer.ts";
import { timed, type Work } from "../work.ts";
import { type Span, spansOf } from "./spans.ts";
import type { Task } from "./task.ts";

const { max_tokens } = TEXT_PARAMETERS;
const PARAMETERS = {
  top_k: positiveInteger,
  doc_stride: integer(0),
  max_answer_len: positiveInteger,
  max_question_len: positiveInteger,
  max_seq_len: positiveInteger,
  handle_impossible_answer: boolean,
  align_to_words: boolean,
  max_tokens,
};

/**
 * The part of a context that answers a question: `inputs` {question, context} → {score, start, end, answer}, or a list of
 * them with top_k above 1; a list of inputs gives a list. `start` and `end` count characters. A context longer than
 * the model reads is read in overlapping windows.
 */
export const questionAnswering: Task = {
  check: (model) => checkEncoder(model, ["startLogits", "endLogits"]),
  warmUp: () => ({ inputs: { question: "warm?", context: "warm up" } }),
  async run(model, request, work) {
    const { items, single, fieldOf } = readObjects(request.inputs, { question: "text", context: "text" });
    const parameters = readParameters(request, PARAMETERS);
    const { top_k: count = 1, max_answer_len: longest = 15, align_to_words: align = true } = parameters;
    const windows = items.flatMap((item, index) => {
      const options = { parameters, request, field: fieldOf(index), work };
      return windowsOf(model, item, options).map((window) => ({ ...window, index }));
    });
    const encodings = windows.map(({ encoding }) => encoding);
    const roles = ["startLogits", "endLogits"] as const;
    const found = await runEncoder(model, encodings, { roles, work }, ([start, end], { second }) =>
      spansOf(start?.data ?? [], end?.data ?? [], { second, longest, count: align ? count * 2 + 10 : count }),
    );
    const results = items.map(({ context }, index) => {
      const characters = [...context];
      const tokenSpan = (first: Range, last: Range) => ({ start: first.start, end: last.end });
      const toRange = align ? wholeWords(model.tokenizer, context) : tokenSpan;
      const answers = new Map<string, { score: number; start: number; end: number; answer: string }>();
      let impossible = Number.POSITIVE_INFINITY;
      for (const [i, window] of windows.entries()) {
        if (window.index !== index) continue;
        const { spans, none } = found[i] as ReturnType<typeof spansOf>;
        impossible = Math.min(impossible, none);
        for (const span of spans)
          add(answers, span, toRange(window.offsetOf(span.start), window.offsetOf(span.end)), characters);
      }
      if (parameters.handle_impossible_answer) {
        answers.set("", { score: impossible, start: 0, end: 0, answer: "" });
      }
      const ranked = [...answers.values()].sort((a, b) => b.score - a.score).slice(0, count);
      return count === 1 ? ranked[0] : ranked;
    });
    return single ? results[0] : results;
  },
};

/** Spans that give the same words are one answer with the sum of their scores, as in transformers. */
function add(
  answers: Map<string, { score: number; start: number; end: number; answer: string }>,
  { score }: Span,
  range: Range,
  context: readonly string[],
): void {
  const answer = slice(context, range);
  const key = answer.toLowerCase();
  const same = answers.get(key);
  if (same) same.score += score;
  else answers.set(key, { score, ...range, answer });
}

interface Window {
  readonly encoding: Encoding;
  /** Where in the context a token of the encoding is, in characters. */
  readonly offsetOf: (token: number) => Range;
}

interface WindowOptions {
  readonly parameters: ParameterValues<typeof PARAMETERS>;
  readonly request: InferenceRequest;
  readonly field: string;
  readonly work: Work;
}

/** The question with the context, or with one part of it after the other, each sharing doc_stride tokens with the last. */
function windowsOf(
  { tokenizer, manifest: { maxTokens } }: Model,
  { question, context }: { readonly question: string; readonly context: string },
  { parameters, request: { pathOf }, field, work }: WindowOptions,
): Window[] {
  work.checkTime();
  const given = parameters.max_seq_len === undefined ? "max_tokens" : "max_seq_len";
  const limit = parameters[given] ?? Math.min(maxTokens, 384);
  if (limit > maxTokens) throw new BadRequest(pathOf(given), `this model takes at most ${maxTokens}`);
  return timed(work, "tokenization", () => {
    const between = () => work.checkTime();
    const most = parameters.max_question_len ?? 64;
    const asked = tokenizer.pieces(question, { most, between }).ids.slice(0, most);
    const pieces = tokenizer.pieces(context, { between });
    if (asked.length === 0)
      throw new BadRequest(`${field}.question`, "there is nothing in it for the model to read");
    if (pieces.ids.length === 0)
      throw new BadRequest(`${field}.context`, "there is nothing in it for the model to read");
    const room = limit - asked.length - tokenizer.specialTokens(2);
    const overlap = parameters.doc_stride ?? Math.min(Math.floor(limit / 2), 128, Math.floor(room / 2));
    if (room <= overlap)
      throw new BadRequest(pathOf(given), `${limit} tokens leave no room beside the question`);
    const offsets = offsetsOf(tokenizer, context, pieces);
    const windows: Window[] = [];
    for (let from = 0; from === 0 || from + overlap < pieces.ids.length; from += room - overlap) {
      const encoding = tokenizer.join(asked, pieces.ids.slice(from, from + room));
      const shift = from - encoding.second.start;
      windows.push({
        encoding,
        offsetOf: (token) => offsets[token + shift] ?? { start: 0, end: 0 },
      });
      if (from + room >= pieces.ids.length) break;
    }
    return windows;
  });
}
