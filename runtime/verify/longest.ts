import type { Model } from "../model/model.ts";
import { readRequest } from "../request/request.ts";
import { newWork } from "../request/work.ts";
import { recording } from "./record.ts";

export const answer = (model: Model, request: object): Promise<unknown> =>
  model.task.run(
    model,
    readRequest(request),
    newWork(() => {}),
  );

/** The largest number up to `most` for which `holds` resolves, by binary search; 0 if there is none. */
async function largest(most: number, holds: (number: number) => Promise<unknown>): Promise<number> {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const fits = await holds(middle).then(
      () => true,
      () => false,
    );
    if (fits) low = middle;
    else high = middle - 1;
  }
  return low;
}

const limitedTo = (model: Model, maxTokens: number): Model => ({
  ...model,
  manifest: { ...model.manifest, maxTokens },
});

/** For a task that does not truncate: the number of tokens of the longest prefix that can be answered. */
async function longestBeginning(model: Model, request: { readonly inputs?: unknown }): Promise<number> {
  if (typeof request.inputs !== "string") return 0;
  const { inputs } = request;
  const { model: observed, runs } = recording(model);
  const beginning = (count: number) => answer(observed, { ...request, inputs: inputs.slice(0, count) });
  const count = await largest(inputs.length - 1, beginning);
  if (count === 0) return 0;
  await beginning(count);
  return runs.at(-1)?.feeds["input_ids"]?.dims.at(-1) ?? 0;
}

/** The most tokens that a model takes, if a request with `maxTokens` of them fails; 0 if there is no such number. */
export async function longest(model: Model, request: object): Promise<number> {
  const { maxTokens } = model.manifest;
  const limit = await largest(maxTokens - 1, (tokens) => answer(limitedTo(model, tokens), request));
  return limit > 0 ? limit : longestBeginning(model, request);
}
