import { describe, expect, test } from "vitest";
import { license, maxTokens } from "../../../../../build/models/import/facts.ts";
import { modelName } from "../../../../../build/models/import/spec.ts";
import { refusal } from "../../../../support/refusal.ts";

describe("the longest input", () => {
  test.each([
    [
      {
        "sentence_bert_config.json": { max_seq_length: 256 },
        "tokenizer_config.json": { model_max_length: 512 },
      },
      256,
    ],
    [
      {
        "sentence_bert_config.json": { max_seq_length: null },
        "tokenizer_config.json": { model_max_length: 512 },
      },
      512,
    ],
    [
      {
        "tokenizer_config.json": { model_max_length: 1e30 },
        "config.json": { max_position_embeddings: 1024 },
      },
      1024,
    ],
    [{ "config.json": { n_positions: 1024 } }, 1024],
    [{ "config.json": { model_type: "roberta", max_position_embeddings: 514, pad_token_id: 1 } }, 512],
    [{ "config.json": { model_type: "xlm-roberta", max_position_embeddings: 514 } }, 512],
    [{ "config.json": { model_type: "mpnet", max_position_embeddings: 514, pad_token_id: 1 } }, 512],
    [{ "config.json": { model_type: "camembert", max_position_embeddings: 514, pad_token_id: 0 } }, 513],
    [{ "config.json": { model_type: "bert", max_position_embeddings: 514, pad_token_id: 1 } }, 514],
    [
      {
        "tokenizer_config.json": { model_max_length: 514 },
        "config.json": { model_type: "roberta", max_position_embeddings: 514, pad_token_id: 1 },
      },
      512,
    ],
    [{ "config.json": undefined }, undefined],
    [{ "config.json": "text" }, undefined],
    [{}, undefined],
  ])("of %j is %s", (files, tokens) => {
    expect(maxTokens(files)).toBe(tokens);
  });
});

test.each([
  [{ license: "apache-2.0" }, "Apache-2.0"],
  [{ license: ["mit", "apache-2.0"] }, "MIT"],
  [{ license: "llama3.2" }, "LicenseRef-llama3.2"],
  [{ license: "other", license_name: "my_licence v1" }, "LicenseRef-my-licence-v1"],
  [{ license: "unknown" }, undefined],
  [{}, undefined],
])("the licence of %j is %s", (card, spdx) => {
  expect(license(card)).toBe(spdx);
});

test.each([
  ["sentence-transformers/all-MiniLM-L6-v2", "all-minilm-l6-v2"],
  ["gpt2", "gpt2"],
  ["a/B__c-.d_", "b_c-d"],
  ["a/distilbert_base.uncased", "distilbert_base.uncased"],
])("%s is called %s", (repo, name) => {
  expect(modelName(repo)).toBe(name);
});

test("a name that cannot be made has to be given", async () => {
  expect(await refusal(() => modelName("a/---"))).toMatchObject({
    exitCode: 2,
    hint: "Give one with --name.",
  });
});
