import { slicer } from "../characters.ts";
import { encodeTexts, TEXT_PARAMETERS } from "../encode.ts";
import { checkEncoder, runEncoder } from "../encoder.ts";
import type { Encoding } from "../encoding.ts";
import { readTexts } from "../inputs.ts";
import { labelOf } from "../labels.ts";
import type { Model } from "../model.ts";
import { oneOf, readParameters, texts } from "../parameters.ts";
import { argmax, softmax } from "../scores.ts";
import type { TextTokenizer } from "../tokenizer.ts";
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
    const encodings = await encodeTexts(model, items, { parameters, pathOf: request.pathOf, fieldOf, work });
    const results = await runEncoder(
      model,
      encodings,
      { roles: ["tokenLogits"], work },
      ([row], encoding, i) => {
        const width = row?.dims.at(-1) ?? 0;
        const tokens = textTokens(model.tokenizer, items[i] ?? "", encoding).map((token): ScoredToken => {
          const at = token.index * width;
          return { ...token, scores: softmax(row?.data.subarray(at, at + width) ?? []) };
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

/** A text's own tokens, where they are, and whether one goes on with the word before it. */
function textTokens(
  tokenizer: Model["tokenizer"],
  text: string,
  { ids, tokens, offsets, first }: Encoding,
): Omit<ScoredToken, "scores">[] {
  const { continuing_subword_prefix: prefix } = tokenizer.definition.model ?? {};
  const unknown = unknownId(tokenizer);
  const own = offsets.slice(first.start, first.end);
  const from = Math.max(0, (own[0]?.start ?? 0) - 1);
  const slice = slicer(text, { start: from, end: own.at(-1)?.end ?? from });
  return own.map(({ start, end }, i) => {
    const index = first.start + i;
    const word = tokens[index] ?? "";
    if (ids[index] === unknown) return { word: slice({ start, end }), inWord: false, start, end, index };
    const around = slice({ start: start - 1, end: start + 1 });
    const inWord = prefix ? word.startsWith(prefix) : start > 0 && !around.includes(" ");
    return { word, inWord, start, end, index };
  });
}

function unknownId({ definition, idOf }: Pick<TextTokenizer, "definition" | "idOf">): number | undefined {
  const token = definition.model?.unk_token;
  return token ? idOf(token) : undefined;
}
