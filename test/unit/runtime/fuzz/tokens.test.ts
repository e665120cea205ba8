import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeTexts, TEXT_PARAMETERS } from "../../../../runtime/inference/tokenize.ts";
import { BadRequest } from "../../../../runtime/request/errors.ts";
import { readParameters } from "../../../../runtime/request/parameters.ts";
import { tinyModel, work } from "../../../support/tiny-model.ts";
import { texts } from "./arbitraries.ts";
import { search } from "./search.ts";

const model = tinyModel();
const { tokenizer, manifest } = model;

test("any text is cut into tokens of the vocabulary, each of them somewhere in the text", async () => {
  const cut = async (text: string) => {
    const [encoded] = await tokenizer.encode([text], { maxTokens: 4096, addSpecial: false });
    const { ids = [], offsets = [] } = encoded?.encoding ?? {};
    expect(ids.every((id) => id >= 0 && id < 8)).toBe(true);
    const { length } = [...text];
    for (const { start, end } of offsets) {
      expect(start).toBeLessThanOrEqual(end);
      expect(end).toBeLessThanOrEqual(length);
    }
  };
  await search(fc.asyncProperty(texts, cut));
});

test("no encoding has more tokens than the model reads, nor fewer than its special ones", async () => {
  const given = fc.record(
    {
      max_tokens: fc.integer({ min: 1, max: 8 }),
      truncation: fc.constantFrom(true, false, "longest_first", "only_first", "only_second"),
      truncation_direction: fc.constantFrom("left", "right"),
    },
    { requiredKeys: [] },
  );
  const pathOf = (name: string) => name;
  const encode = async (items: (string | [string, string])[], parameters: object) => {
    const read = readParameters({ parameters: { ...parameters }, pathOf }, TEXT_PARAMETERS);
    const options = { parameters: read, pathOf, fieldOf: () => "inputs", work: work() };
    try {
      const limit = read.max_tokens ?? manifest.maxTokens;
      for await (const { encoding } of encodeTexts(model, items, options)) {
        const { ids, typeIds, first, second } = encoding;
        expect(ids.length).toBeLessThanOrEqual(limit);
        expect(typeIds).toHaveLength(ids.length);
        expect(ids.at(0)).toBe(2);
        expect(ids.at(-1)).toBe(3);
        expect(first.start <= first.end && second.start <= second.end).toBe(true);
      }
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
    }
  };
  const alone = fc.array(texts, { minLength: 1, maxLength: 4 });
  const pairs = fc.array(fc.tuple(texts, texts), { minLength: 1, maxLength: 4 });
  await search(fc.asyncProperty(fc.oneof(alone, pairs), given, encode));
});
