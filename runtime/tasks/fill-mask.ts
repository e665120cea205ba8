import { lastSize, runEncoder } from "../inference/run-text-encoder.ts";
import { best, softmax } from "../inference/scores.ts";
import { encodeTexts, TEXT_PARAMETERS } from "../inference/tokenize.ts";
import type { Task, TextModel } from "../model/model.ts";
import { outputFor } from "../model/outputs.ts";
import { refuseLargeAnswer } from "../request/answer-size.ts";
import { BadRequest } from "../request/errors.ts";
import { readTexts } from "../request/inputs.ts";
import { positiveInteger, readParameters, texts } from "../request/parameters.ts";
import type { InferenceRequest } from "../request/request.ts";
import type { Work } from "../request/work.ts";

const PARAMETERS = { top_k: positiveInteger, targets: texts, ...TEXT_PARAMETERS };

/** Fewest bytes of a result, without its text. */
const CHOICE_BYTES = '{"score":0,"token":0,"token_str":"","sequence":""},'.length;

/**
 * The most likely tokens for a mask: `[{score, token, token_str, sequence}, …]` in descending order of scores. A text
 * with several masks gives a list for each mask; a list of texts gives a list of these.
 */
export const fillMask: Task<TextModel> = {
  parameters: PARAMETERS,
  check: maskOf,
  warmUp: (model) => ({ inputs: maskOf(model).token }),
  async run(model, request, work) {
    const { tokenizer } = model;
    const { items, single, fieldOf } = readTexts(request.inputs);
    const { top_k = 5, targets, ...parameters } = readParameters(request, PARAMETERS);
    const wanted = targets && (await targetIds(model, targets, { request, work }));
    const mask = maskOf(model);
    const port = outputFor("tokenLogits", model);
    const listed = Math.min(top_k, wanted?.length ?? lastSize(port));
    let least = 0;
    async function* masked() {
      for await (const text of encodeTexts(model, items, {
        parameters,
        pathOf: request.pathOf,
        fieldOf,
        work,
      })) {
        const { ids } = text.encoding;
        const positions = ids.flatMap((id, position) => (id === mask.id ? [position] : []));
        if (positions.length === 0)
          throw new BadRequest(fieldOf(text.index), `there is no ${mask.token} in it`);
        const sequence = tokenizer.decode(ids.filter((id) => !tokenizer.isSpecial(id) && id !== mask.id));
        least += positions.length * listed * (CHOICE_BYTES + sequence.length);
        refuseLargeAnswer(least, work, "inputs");
        yield { ...text, positions };
      }
    }
    const results = await Array.fromAsync(
      runEncoder(
        model,
        masked(),
        { roles: ["tokenLogits"], work },
        ([row], { encoding: { ids }, positions }) => {
          const width = row?.dims.at(-1) ?? 0;
          const lists = positions.map((position) => {
            const scores = softmax(row?.data.subarray(position * width, (position + 1) * width) ?? []);
            const tokens = wanted ?? best(scores, top_k);
            const ranked = wanted
              ? best(
                  tokens.map((id) => scores[id] ?? 0),
                  top_k,
                ).map((k) => tokens[k] ?? 0)
              : tokens;
            return ranked.map((token) => {
              work.checkTime();
              return {
                score: scores[token],
                token,
                token_str: tokenizer.decode([token]),
                sequence: tokenizer.decode(ids.with(position, token), {
                  skipSpecial: positions.length === 1,
                }),
              };
            });
          });
          return positions.length === 1 ? lists[0] : lists;
        },
      ),
    );
    return single ? results[0] : results;
  },
};

function maskOf({ tokenizer }: Pick<TextModel, "tokenizer">): {
  readonly id: number;
  readonly token: string;
} {
  if (tokenizer.mask) return tokenizer.mask;
  throw new Error("the tokenizer has no mask token: fill-mask needs one");
}

/** A target that is not a token counts as its first token, as in transformers. */
async function targetIds(
  { tokenizer }: TextModel,
  targets: readonly string[],
  { request: { pathOf }, work }: { readonly request: InferenceRequest; readonly work: Work },
): Promise<number[]> {
  const options = { maxTokens: 1, addSpecial: false, between: () => work.checkTime() };
  const ids = new Set<number>();
  let i = 0;
  for await (const batch of tokenizer.encodeEach(targets, options)) {
    for (const { encoding } of batch) {
      const id = tokenizer.idOf(targets[i] ?? "") ?? encoding?.ids[0];
      if (id === undefined) throw new BadRequest(`${pathOf("targets")}[${i}]`, "there is no token in it");
      ids.add(id);
      i++;
    }
  }
  return [...ids];
}
