import { encodeTexts, readingOf, TEXT_PARAMETERS } from "../encode.ts";
import { checkEncoder, runEncoder } from "../encoder.ts";
import { readTexts } from "../inputs.ts";
import { labelOf } from "../labels.ts";
import type { Model } from "../model.ts";
import { oneOf, readParameters, texts } from "../parameters.ts";
import { argmax, softmax } from "../scores.ts";
import { offsetsOf } from "../text/offsets.ts";
import { slice } from "../text/words.ts";
import type { Reading, TextTokenizer } from "../tokenizer.ts";
import { type ScoredToken, STRATEGIES, toEntities } from "./entities.ts";
import type { Task } from "./task.ts";

const PARAMETERS = {
  aggregation_strategy: oneOf(["simple", "none", "first", "average", "max"]),
  ignore_labels: texts,
  ...TEXT_PARAMETERS,
};

/**
 * Entities in a text: {entity_group, score, word, start, end}, or with aggregation_strategy "none" the labelled tokens
 * {entity, score, index, word, start, end}. `start` and `end` count characters. A list of texts gives a list of lists.
 */
export const tokenClassification: Task = {
  check: (model) => checkEncoder(model, ["tokenLogits"]),
  warmUp: () => ({ inputs: "warm up" }),
  async run(model, request, work) {
    const { items, single, fieldOf } = readTexts(request.inputs);
    const {
      aggregation_strategy: name = "simple",
      ignore_labels: ignored = ["O"],
      ...parameters
    } = readParameters(request, PARAMETERS);
    const encodings = encodeTexts(model, items, { parameters, pathOf: request.pathOf, fieldOf, work });
    const from = parameters.truncation_direction ?? "right";
    const results = await runEncoder(
      model,
      encodings,
      { roles: ["tokenLogits"], work },
      ([row], encoding, i) => {
        const { start, end } = encoding.first;
        const reading = readingOf(parameters.max_tokens ?? model.manifest.maxTokens, from, work);
        const own = textTokens(model.tokenizer, items[i] ?? "", reading);
        const skipped = from === "left" ? own.length - (end - start) : 0;
        const width = row?.dims.at(-1) ?? 0;
        const tokens = own.slice(skipped, skipped + end - start).map((token, k): ScoredToken => {
          const at = (start + k) * width;
          return { ...token, index: start + k, scores: softmax(row?.data.subarray(at, at + width) ?? []) };
        });
        const entities = toEntities(tokens, {
          strategy: STRATEGIES[name],
          label: (scores) => labelOf(model, argmax(scores)),
          spell: model.tokenizer.spell,
        });
        return entities.filter((entity) => !ignored.includes(String(entity.entity_group ?? entity.entity)));
      },
    );
    return single ? results[0] : results;
  },
};

/** A text's tokens, where they are, and whether one goes on with the word before it. */
function textTokens(
  tokenizer: Model["tokenizer"],
  text: string,
  reading: Reading,
): Omit<ScoredToken, "scores" | "index">[] {
  const pieces = tokenizer.pieces(text, reading);
  const { continuing_subword_prefix: prefix } = tokenizer.definition.model ?? {};
  const unknown = unknownId(tokenizer);
  const read = text.slice(pieces.read.start, pieces.read.end);
  const characters = [...read];
  const before = [...text.slice(0, pieces.read.start)].length;
  return offsetsOf(tokenizer, read, pieces).map(({ start, end }, i) => {
    const word = pieces.tokens[i] ?? "";
    const place = { start: before + start, end: before + end };
    if (pieces.ids[i] === unknown) {
      return { word: slice(characters, { start, end }), inWord: false, ...place };
    }
    const around = slice(characters, { start: start - 1, end: start + 1 });
    const inWord = prefix ? word.startsWith(prefix) : start > 0 && !around.includes(" ");
    return { word, inWord, ...place };
  });
}

function unknownId({ definition, idOf }: Pick<TextTokenizer, "definition" | "idOf">): number | undefined {
  const token = definition.model?.unk_token;
  return token ? idOf(token) : undefined;
}
