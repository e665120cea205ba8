import { runEncoder } from "../inference/run-text-encoder.ts";
import { argmax, softmax } from "../inference/scores.ts";
import { encodeTexts, TEXT_PARAMETERS } from "../inference/tokenize.ts";
import { labelOf } from "../model/labels.ts";
import type { Task, TextModel } from "../model/model.ts";
import { refuseLargeAnswer } from "../request/answer-size.ts";
import { BadRequest } from "../request/errors.ts";
import { readTexts } from "../request/inputs.ts";
import {
  boolean,
  integer,
  oneOf,
  type ParameterValues,
  readParameters,
  textsOrNone,
  unsupported,
} from "../request/parameters.ts";
import type { InferenceRequest } from "../request/request.ts";
import type { Work } from "../request/work.ts";
import { unitsIn } from "../tokenizer/characters.ts";
import { longestStride } from "../tokenizer/encoder.ts";
import type { Encoding, Range } from "../tokenizer/encoding.ts";
import type { TextTokenizer } from "../tokenizer/types.ts";
import { type Entity, type ScoredToken, STRATEGIES, toEntities } from "./entities.ts";
import { folded } from "./fold.ts";
import { withoutOverlaps } from "./overlaps.ts";

const PARAMETERS = {
  aggregation_strategy: oneOf(["simple", "none", "first", "average", "max"]),
  ignore_labels: textsOrNone,
  stride: integer(0),
  /** Both are predecessors of aggregation_strategy in transformers. */
  grouped_entities: boolean,
  ignore_subwords: boolean,
  is_split_into_words: unsupported("send the text itself; the tokenizer splits it", false),
  delimiter: unsupported("send the text itself; the tokenizer splits it"),
  offset_mapping: unsupported("the tokenizer computes the offsets"),
  ...TEXT_PARAMETERS,
};

type Given = ParameterValues<typeof PARAMETERS>;

/** Fewest bytes of an entity, and the largest number of windows that contain it. */
const ENTITY_BYTES = '{"entity":"","score":0,"word":"","start":0,"end":0},'.length;
const MOST_OVERLAPS = 4;

/** Default number of tokens that windows share; half a window if that is less. */
const STRIDE = 128;

/**
 * Finds entities in a text: {entity_group, score, word, start, end}, or with aggregation_strategy "none" the labelled
 * tokens {entity, score, index, word, start, end}. `start` and `end` count characters. A list of texts gives a list of
 * lists. A text that is longer than the model's limit is read in overlapping windows, unless truncation is requested.
 */
export const tokenClassification: Task<TextModel> = {
  parameters: PARAMETERS,
  warmUp: () => ({ inputs: "warm up" }),
  async run(model, request, work) {
    const { items, single, fieldOf } = readTexts(request.inputs);
    const given = readParameters(request, PARAMETERS);
    const ignored = new Set(given.ignore_labels ?? ["O"]);
    const strategy = STRATEGIES[strategyOf(given)];
    const windows = windowsOf(model, items, { given, pathOf: request.pathOf, fieldOf, work });
    const found = runEncoder(
      model,
      windows,
      { roles: ["tokenLogits"], work },
      ([row], { encoding, index, before, part }) => {
        const width = row?.dims.at(-1) ?? 0;
        const tokens = textTokens(model.tokenizer, encoding, part).map((token): ScoredToken => {
          const at = token.index * width;
          const scores = softmax(row?.data.subarray(at, at + width) ?? []);
          return { ...token, index: before + token.index, scores };
        });
        const entities = toEntities(tokens, {
          strategy,
          label: (scores) => labelOf(model, argmax(scores)),
          spell: model.tokenizer.spell,
        });
        const kept = entities.filter((entity) => !ignored.has(String(entity.entity_group ?? entity.entity)));
        return { index, kept };
      },
    );
    const results: Entity[][] = [];
    let least = 0;
    const begin = (): { windows: number; entities: Entity[] } => ({ windows: 0, entities: [] });
    for await (const { windows, entities } of folded(found, begin, (all, { kept }) => {
      all.windows++;
      all.entities.push(...kept);
      // Entities in the overlap are found in each window.
      refuseLargeAnswer(least + (all.entities.length * ENTITY_BYTES) / MOST_OVERLAPS, work, "inputs");
    })) {
      const own = windows > 1 ? withoutOverlaps(entities) : entities;
      least += own.length * ENTITY_BYTES;
      results.push(own);
    }
    return single ? results[0] : results;
  },
};

function strategyOf({
  aggregation_strategy: strategy,
  grouped_entities: grouped,
  ignore_subwords: whole,
}: Given) {
  if (strategy) return strategy;
  if (grouped === undefined && whole === undefined) return "simple";
  if (!grouped) return "none";
  return whole ? "first" : "simple";
}

interface Window {
  readonly encoding: Encoding;
  readonly index: number;
  /** Number of the text's tokens before the window. */
  readonly before: number;
  readonly part: Part;
}

/** The part of a text in a window, with the character before it, and the index where it begins. */
interface Part {
  readonly text: string;
  readonly start: number;
}

interface WindowOptions {
  readonly given: Given;
  readonly pathOf: InferenceRequest["pathOf"];
  readonly fieldOf: (index: number) => string;
  readonly work: Work;
}

/** Each text whole, truncated if that is requested, or in windows. */
async function* windowsOf(
  model: TextModel,
  items: readonly string[],
  { given, pathOf, fieldOf, work }: WindowOptions,
): AsyncGenerator<Window, void> {
  const { tokenizer, manifest } = model;
  const truncates = [given.truncate, given.truncation, given.truncation_direction].some(
    (one) => one !== undefined,
  );
  if (truncates) {
    if (given.stride !== undefined)
      throw new BadRequest(pathOf("stride"), "a text is either truncated or read in windows");
    const encodings = encodeTexts(model, items, { parameters: given, pathOf, fieldOf, work });
    for await (const { encoding, index } of encodings) yield placer(items[index] ?? "", index)(encoding);
    return;
  }
  const name = given.max_tokens === undefined ? "max_length" : "max_tokens";
  const maxTokens = given[name] ?? manifest.maxTokens;
  const room = maxTokens - tokenizer.specialTokens(1);
  if (room < 1 || maxTokens > manifest.maxTokens) {
    throw new BadRequest(
      pathOf(name),
      `this model takes ${tokenizer.specialTokens(1) + 1} to ${manifest.maxTokens}`,
    );
  }
  const { stride = Math.min(STRIDE, Math.floor(room / 2)) } = given;
  if (stride > longestStride(room))
    throw new BadRequest(
      pathOf("stride"),
      `windows of ${maxTokens} tokens have ${room} of the text, and may share ${longestStride(room)} at most`,
    );
  for (const [index, text] of items.entries()) {
    const place = placer(text, index);
    const between = () => work.checkTime();
    for await (const encoding of tokenizer.windows(text, { maxTokens, stride, between })) {
      if (encoding.ids.length === 0)
        throw new BadRequest(fieldOf(index), "there is nothing in it for the model to read");
      yield place(encoding);
    }
  }
}

/** Computes the place of each window of a text; windows must be passed in order. */
function placer(text: string, index: number): (encoding: Encoding) => Window {
  let last: readonly Range[] = [];
  let [before, units, characters] = [0, 0, 0];
  return (encoding) => {
    const offsets = ownOffsets(encoding);
    const first = offsets[0]?.start ?? 0;
    before += last.filter(({ start }) => start < first).length;
    last = offsets;
    const start = Math.max(characters, first - 1);
    units += unitsIn(text.slice(units), start - characters);
    characters = start;
    const rest = text.slice(units);
    const part = { text: rest.slice(0, unitsIn(rest, (offsets.at(-1)?.end ?? start) - start)), start };
    return { encoding, index, before, part };
  };
}

const ownOffsets = ({ offsets, first }: Encoding) => offsets.slice(first.start, first.end);

/** A text's tokens without special tokens, with their place and whether they continue a word. */
function textTokens(tokenizer: TextTokenizer, encoding: Encoding, part: Part): Omit<ScoredToken, "scores">[] {
  const { ids, tokens, first } = encoding;
  const { continuing_subword_prefix: prefix } = tokenizer.definition.model ?? {};
  const unknown = unknownId(tokenizer);
  const characters = [...part.text];
  const slice = (start: number, end: number) =>
    characters.slice(Math.max(0, start - part.start), end - part.start).join("");
  return ownOffsets(encoding).map(({ start, end }, i) => {
    const index = first.start + i;
    const word = tokens[index] ?? "";
    if (ids[index] === unknown) return { word: slice(start, end), inWord: false, start, end, index };
    const inWord = prefix ? word.startsWith(prefix) : start > 0 && !slice(start - 1, start + 1).includes(" ");
    return { word, inWord, start, end, index };
  });
}

function unknownId({ definition, idOf }: Pick<TextTokenizer, "definition" | "idOf">): number | undefined {
  const token = definition.model?.unk_token;
  return token ? idOf(token) : undefined;
}
