import { checkEncoder, runEncoder } from "../inference/run-text-encoder.ts";
import { best, softmax } from "../inference/scores.ts";
import { encodeTexts, TEXT_PARAMETERS } from "../inference/tokenize.ts";
import { BadRequest } from "../request/errors.ts";
import { readTexts } from "../request/inputs.ts";
import { positiveInteger, readParameters, texts } from "../request/parameters.ts";
import type { InferenceRequest } from "../request/request.ts";
import type { Model } from "../serving/open-model.ts";
import type { Task } from "./task.ts";

const PARAMETERS = { top_k: positiveInteger, targets: texts, ...TEXT_PARAMETERS };

/**
 * What may stand where a text has the mask token: {score, token, token_str, sequence}, the best first. A text with
 * several masks gives a list for each; a list of texts gives a list of these.
 */
export const fillMask: Task = {
  parameters: PARAMETERS,
  check(model) {
    checkEncoder(model, ["tokenLogits"]);
    maskOf(model);
  },
  warmUp: (model) => ({ inputs: maskOf(model).token }),
  async run(model, request, work) {
    const { tokenizer } = model;
    const { items, single, fieldOf } = readTexts(request.inputs);
    const { top_k = 5, targets, ...parameters } = readParameters(request, PARAMETERS);
    const wanted = targets && (await targetIds(model, targets, request));
    const mask = maskOf(model);
    const encodings = await encodeTexts(model, items, { parameters, pathOf: request.pathOf, fieldOf, work });
    const masks = encodings.map(({ ids }, i) => {
      const positions = ids.flatMap((id, position) => (id === mask.id ? [position] : []));
      if (positions.length === 0) throw new BadRequest(fieldOf(i), `there is no ${mask.token} in it`);
      return positions;
    });
    const results = await runEncoder(
      model,
      encodings,
      { roles: ["tokenLogits"], work },
      ([row], { ids }, i) => {
        const width = row?.dims.at(-1) ?? 0;
        const positions = masks[i] ?? [];
        const lists = positions.map((position) => {
          const scores = softmax(row?.data.subarray(position * width, (position + 1) * width) ?? []);
          const tokens = wanted ?? best(scores, top_k);
          const ranked = wanted
            ? best(
                tokens.map((id) => scores[id] ?? 0),
                top_k,
              ).map((k) => tokens[k] ?? 0)
            : tokens;
          return ranked.map((token) => ({
            score: scores[token],
            token,
            token_str: tokenizer.decode([token]),
            sequence: tokenizer.decode(ids.with(position, token), { skipSpecial: positions.length === 1 }),
          }));
        });
        return positions.length === 1 ? lists[0] : lists;
      },
    );
    return single ? results[0] : results;
  },
};

function maskOf({ tokenizer }: Pick<Model, "tokenizer">): { readonly id: number; readonly token: string } {
  if (tokenizer.mask) return tokenizer.mask;
  throw new Error("the tokenizer has no mask token: fill-mask needs one");
}

/** A target that is no token of its own counts as the first token of it, as in transformers. */
async function targetIds(
  { tokenizer }: Model,
  targets: readonly string[],
  { pathOf }: InferenceRequest,
): Promise<number[]> {
  const encoded = await tokenizer.encode(targets, { maxTokens: 1, addSpecial: false });
  const ids = targets.map((target, i) => {
    const id = tokenizer.idOf(target) ?? encoded[i]?.encoding?.ids[0];
    if (id === undefined) throw new BadRequest(`${pathOf("targets")}[${i}]`, "there is no token in it");
    return id;
  });
  return [...new Set(ids)];
}
