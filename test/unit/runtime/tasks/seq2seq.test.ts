import { expect, test } from "vitest";
import type { ModelConfig } from "../../../../runtime/model-files/config.ts";
import { readRequest } from "../../../../runtime/request/request.ts";
import { work } from "../../../support/tiny-model.ts";
import { modelFor } from "./models.ts";

/** The writer goes on with a, b, c, a … until something stops it. */
async function translate(config: ModelConfig, request: object): Promise<unknown> {
  const model = { ...modelFor("translation"), config };
  return model.task.run(model, readRequest(request), work());
}

const letters = (count: number) =>
  Array.from({ length: count }, (_, i) => "abc"[i % 3])
    .join(" ")
    .trim();

test("a text gives a list of one, a list one for each, and an end token ends it", async () => {
  const ends = { eos_token_id: 6 };
  expect(await translate(ends, { inputs: "b" })).toEqual([{ translation_text: "a b c" }]);
  expect(await translate(ends, { inputs: ["b", "a"] })).toHaveLength(2);
});

test("generate_parameters are parameters, and named by their path where they are wrong", async () => {
  const ask = (generate_parameters: object) =>
    translate({}, { inputs: "b", parameters: { generate_parameters } });
  expect(await ask({ max_new_tokens: 2 })).toEqual([{ translation_text: "a b" }]);
  expect(await ask({ max_length: 3, num_return_sequences: 1 })).toEqual([{ translation_text: "a b" }]);
  await expect(ask({ num_beams: 4 })).rejects.toThrow(
    "parameters.generate_parameters.num_beams: 4 is not supported: this runtime decodes greedily",
  );
});

test.each([
  { what: "the request", config: { max_length: 9, max_position_embeddings: 50 }, asked: 4, written: 4 },
  { what: "the model's usual length", config: { max_length: 9 }, asked: undefined, written: 8 },
  { what: "the decoder's positions", config: { max_position_embeddings: 7 }, asked: undefined, written: 7 },
  { what: "them though more is asked for", config: { max_position_embeddings: 7 }, asked: 20, written: 7 },
])("an answer is as long as $what lets it be", async ({ config, asked, written }) => {
  const parameters = asked === undefined ? {} : { max_new_tokens: asked };
  expect(await translate(config, { inputs: "b", parameters })).toEqual([
    { translation_text: letters(written) },
  ]);
});
