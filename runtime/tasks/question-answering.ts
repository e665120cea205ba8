import { runEncoder } from "../inference/run-text-encoder.ts";
import { TEXT_PARAMETERS } from "../inference/tokenize.ts";
import type { Task, TextModel } from "../model/model.ts";
import { refuseLargeAnswer } from "../request/answer-size.ts";
import { BadRequest } from "../request/errors.ts";
import { readObjects } from "../request/inputs.ts";
import {
  boolean,
  integer,
  type ParameterValues,
  positiveInteger,
  readParameters,
} from "../request/parameters.ts";
import type { InferenceRequest } from "../request/request.ts";
import type { Work } from "../request/work.ts";
import { unitsIn } from "../tokenizer/characters.ts";
import { longestStride } from "../tokenizer/encoder.ts";
import type { Encoding, Range } from "../tokenizer/encoding.ts";
import { answersIn } from "./answers.ts";
import { folded } from "./fold.ts";
import { type Span, spansOf } from "./spans.ts";

const { max_tokens, padding } = TEXT_PARAMETERS;

/** Limits the number of spans that are kept in every window. */
const MOST_ANSWERS = 1000;

const PARAMETERS = {
  top_k: integer(1, MOST_ANSWERS),
  /** Its name before transformers 4.13. */
  topk: integer(1, MOST_ANSWERS),
  doc_stride: integer(0),
  max_answer_len: positiveInteger,
  max_question_len: positiveInteger,
  max_seq_len: positiveInteger,
  handle_impossible_answer: boolean,
  align_to_words: boolean,
  max_tokens,
  padding,
};

/** Fewest bytes of an answer. */
const ANSWER_BYTES = '{"score":0,"start":0,"end":0,"answer":""},'.length;

/**
 * Finds the answer to a question in a context: `inputs` {question, context} → {score, start, end, answer}, or a list of
 * these with top_k above 1; a list of inputs gives a list. `start` and `end` count characters. A context that is longer
 * than the model's limit is read in overlapping windows.
 */
export const questionAnswering: Task<TextModel> = {
  parameters: PARAMETERS,
  warmUp: () => ({ inputs: { question: "warm?", context: "warm up" } }),
  async run(model, request, work) {
    const { items, single, fieldOf } = readObjects(request.inputs, { question: "text", context: "text" });
    const parameters = readParameters(request, PARAMETERS);
    const {
      topk = 1,
      top_k: count = topk,
      max_answer_len: longest = 15,
      align_to_words: align = true,
    } = parameters;
    const rangeOf = align ? wholeWords : tokenRange;
    const windows = allWindows(model, items, { parameters, request, fieldOf, work });
    const roles = ["startLogits", "endLogits"] as const;
    const found = runEncoder(model, windows, { roles, work }, ([start, end], { encoding, index }) => {
      const { second } = encoding;
      const most = align ? count * 2 + 10 : count;
      const { spans, none } = spansOf(start?.data ?? [], end?.data ?? [], { second, longest, count: most });
      return { index, none, spans: spans.map((span) => ({ ...rangeOf(encoding, span), score: span.score })) };
    });
    const { handle_impossible_answer: mayBeNone = false } = parameters;
    const results: unknown[] = [];
    let least = 0;
    for await (const answers of folded(
      found,
      (index) => answersIn(items[index]?.context ?? "", count, mayBeNone),
      (answers, window) => answers.add(window),
    )) {
      const ranked = answers.ranked();
      least += ranked.length * ANSWER_BYTES;
      refuseLargeAnswer(least, work, "inputs");
      results.push(count === 1 ? ranked[0] : ranked);
    }
    return single ? results[0] : results;
  },
};

const NOTHING: Range = { start: 0, end: 0 };

function tokenRange({ offsets }: Encoding, { start, end }: Span): Range {
  return { start: (offsets[start] ?? NOTHING).start, end: (offsets[end] ?? NOTHING).end };
}

/** The characters of a span, extended to whole words as far as they are in the encoding. */
function wholeWords(encoding: Encoding, { start, end }: Span): Range {
  const { wordIds, second } = encoding;
  const isOf = (word: number | null | undefined, token: number) =>
    word != null && token >= second.start && token < second.end && wordIds[token] === word;
  let [first, last] = [start, end];
  while (isOf(wordIds[start], first - 1)) first--;
  while (isOf(wordIds[end], last + 1)) last++;
  return tokenRange(encoding, { start: first, end: last, score: 0 });
}

interface Window {
  readonly encoding: Encoding;
  readonly index: number;
}

interface WindowOptions {
  readonly parameters: ParameterValues<typeof PARAMETERS>;
  readonly request: InferenceRequest;
  readonly field: string;
  readonly work: Work;
}

async function* allWindows(
  model: TextModel,
  items: readonly Item[],
  { fieldOf, ...options }: Omit<WindowOptions, "field"> & { readonly fieldOf: (index: number) => string },
): AsyncGenerator<Window, void> {
  for (const [index, item] of items.entries()) {
    for await (const encoding of windowsOf(model, item, { ...options, field: fieldOf(index) }))
      yield { encoding, index };
  }
}

interface Item {
  readonly question: string;
  readonly context: string;
}

/** The question with the context, or with windows of it that share doc_stride tokens. */
async function* windowsOf(
  { tokenizer, manifest: { maxTokens } }: TextModel,
  { question, context }: Item,
  { parameters, request: { pathOf }, field, work }: WindowOptions,
): AsyncGenerator<Encoding, void> {
  work.checkTime();
  const given = parameters.max_seq_len === undefined ? "max_tokens" : "max_seq_len";
  const limit = parameters[given] ?? Math.min(maxTokens, 384);
  if (limit > maxTokens) throw new BadRequest(pathOf(given), `this model takes at most ${maxTokens}`);
  const between = () => work.checkTime();
  const most = parameters.max_question_len ?? 64;
  const [encoded] = await tokenizer.encode([question], { maxTokens: most, addSpecial: false, between });
  const { ids = [], offsets = [] } = encoded?.encoding ?? {};
  if (ids.length === 0)
    throw new BadRequest(`${field}.question`, "there is nothing in it for the model to read");
  const asked =
    (encoded?.tokens ?? 0) > most ? question.slice(0, unitsIn(question, offsets.at(-1)?.end ?? 0)) : question;
  const room = limit - ids.length - tokenizer.specialTokens(2);
  const stride = parameters.doc_stride ?? Math.min(Math.floor(limit / 2), 128, Math.floor(room / 2));
  if (room < 1)
    throw new BadRequest(pathOf(given), `${limit} tokens leave no room for the context after the question`);
  if (stride > longestStride(room))
    throw new BadRequest(
      pathOf("doc_stride"),
      `windows of ${limit} tokens have ${room} of the context, and may share ${longestStride(room)} at most`,
    );
  let isEmpty = true;
  for await (const encoding of tokenizer.windows([asked, context], { maxTokens: limit, stride, between })) {
    // A window of only whitespace.
    if (encoding.second.start === encoding.second.end) continue;
    isEmpty = false;
    yield encoding;
  }
  if (isEmpty) throw new BadRequest(`${field}.context`, "there is nothing in it for the model to read");
}
