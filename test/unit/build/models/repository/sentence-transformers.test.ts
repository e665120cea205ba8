import { describe, expect, test } from "vitest";
import {
  furtherFiles,
  readEmbeddingFiles,
} from "../../../../../build/models/repository/sentence-transformers.ts";
import { refusal } from "../../../../support/refusal.ts";

const POOLING = "1_Pooling/config.json";
const module = (kind: string, path = "") => ({ path, type: `sentence_transformers.models.${kind}` });
const PIPELINE = [module("Transformer"), module("Pooling", "1_Pooling")];
/** As versions before 5.4 write it: every flag is there. */
const flags = (...names: string[]) =>
  Object.fromEntries(
    [
      "cls_token",
      "mean_tokens",
      "max_tokens",
      "mean_sqrt_len_tokens",
      "weightedmean_tokens",
      "lasttoken",
    ].map((name) => [`pooling_mode_${name}`, names.includes(name)]),
  );

describe("pooling", () => {
  test.each([
    [flags("cls_token"), "cls"],
    [flags("mean_tokens"), "mean"],
    [flags("max_tokens"), "max"],
    [flags("mean_sqrt_len_tokens"), "mean_sqrt_len_tokens"],
    [flags("weightedmean_tokens"), "weightedmean"],
    [flags("lasttoken"), "lasttoken"],
    [{ pooling_mode: "cls" }, "cls"],
    [{ pooling_mode: "LastToken" }, "lasttoken"],
    [{ pooling_mode: "max", ...flags("mean_tokens") }, "max"],
    [flags(), "mean"],
    [{ embedding_dimension: 384 }, "mean"],
    // The order in which sentence-transformers joins the vectors, whatever that of the file.
    [flags("mean_tokens", "max_tokens", "cls_token"), ["cls", "max", "mean"]],
    [{ pooling_mode: ["mean", "cls"] }, ["mean", "cls"]],
    [{ pooling_mode: ["max"] }, "max"],
  ])("%j is %j", (config, pooling) => {
    expect(readEmbeddingFiles({ [POOLING]: config }).facts).toEqual({ pooling });
    expect(readEmbeddingFiles({ [POOLING]: config, "modules.json": PIPELINE }).facts).toEqual({
      pooling,
      normalize: false,
    });
  });

  test.each([
    [{ pooling_mode: "median" }, "is not valid\n  pooling_mode"],
    [{ pooling_mode: [] }, "is not valid\n  pooling_mode"],
    [{ ...flags(), pooling_mode_median: true }, "asks for pooling_mode_median, which is not supported"],
    ["text", "is not valid"],
  ])("%j is refused", async (config, says) => {
    expect(await refusal(() => readEmbeddingFiles({ [POOLING]: config }))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(`${POOLING} ${says}`),
    });
  });

  test("is read where modules.json says, and refused when that is not among the files", async () => {
    const modules = [module("Transformer"), module("Pooling", "pool")];
    expect(furtherFiles({ "modules.json": modules })).toEqual(["pool/config.json"]);
    const files = { "modules.json": modules, [POOLING]: { pooling_mode: "cls" } };
    expect(readEmbeddingFiles({ ...files, "pool/config.json": { pooling_mode: "max" } }).facts).toEqual({
      pooling: "max",
      normalize: false,
    });
    expect(await refusal(() => readEmbeddingFiles(files))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining("pool/config.json"),
    });
  });

  test("may leave the prompt out", () => {
    const config = { pooling_mode: "mean", include_prompt: false };
    expect(readEmbeddingFiles({ [POOLING]: config }).facts).toEqual({
      pooling: "mean",
      includePrompt: false,
    });
  });
});

describe("modules.json", () => {
  const read = (...modules: object[]) =>
    readEmbeddingFiles({
      "modules.json": [...PIPELINE, ...modules],
      [POOLING]: { pooling_mode: "cls" },
      "3_Normalize/config.json": { module_input_name: "token_embeddings" },
    });

  test.each([
    [[module("Normalize", "2_Normalize")], true],
    [[module("Dropout", "2_Dropout")], false],
    // Version 6 moved its classes.
    [[{ path: "", type: "sentence_transformers.base.modules.normalize.Normalize" }], true],
  ])("%j: normalize is %s", (modules, normalize) => {
    expect(read(...modules)).toMatchObject({ facts: { pooling: "cls", normalize }, unsupported: [] });
  });

  test.each([
    [[module("Dense", "2_Dense"), module("Normalize", "4_Normalize")], ["Dense"]],
    [
      [module("LayerNorm", "2_LayerNorm"), module("Dense")],
      ["LayerNorm", "Dense"],
    ],
    [[{ type: "custom_st.Pooling" }], ["custom_st.Pooling"]],
    [[module("Normalize", "3_Normalize")], ["Normalize"]],
  ])("%j: not done here are %j", (modules, unsupported) => {
    expect(read(...modules).unsupported).toEqual(unsupported);
  });

  test("of another first step, or without a pooling, is not done here", () => {
    const only = (...modules: object[]) => readEmbeddingFiles({ "modules.json": modules }).unsupported;
    expect(only(module("CLIPModel"))).toEqual(["CLIPModel", "no Pooling"]);
    expect(only(module("Transformer"))).toEqual(["no Pooling"]);
  });

  test("that is something else is refused", async () => {
    expect(await refusal(() => readEmbeddingFiles({ "modules.json": {} }))).toMatchObject({ exitCode: 2 });
  });
});

describe("config_sentence_transformers.json", () => {
  const read = (config: object) => readEmbeddingFiles({ "config_sentence_transformers.json": config });

  test("has prompts, and the default one", () => {
    const prompts = { query: "query: ", passage: "passage: ", none: null };
    expect(read({ prompts, default_prompt_name: "query", similarity_fn_name: "dot" })).toMatchObject({
      facts: { prompts: { query: "query: ", passage: "passage: " }, defaultPromptName: "query" },
      similarity: "dot",
    });
    expect(read({ prompts: {}, default_prompt_name: null, __version__: {} }).facts).toEqual({});
  });

  test.each([
    [{ prompts: {}, default_prompt_name: "query" }, 'names "query" as its default prompt'],
    [{ truncate_dim: 256 }, "cuts vectors to 256 dimensions"],
  ])("%j is refused", async (config, says) => {
    expect(await refusal(() => read(config))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(says),
    });
  });
});

test("lower case is what the first step's settings say, under any of their names", () => {
  expect(readEmbeddingFiles({ "sentence_roberta_config.json": { do_lower_case: true } }).facts).toEqual({
    lowercase: true,
  });
  expect(readEmbeddingFiles({ "sentence_bert_config.json": { do_lower_case: false } }).facts).toEqual({});
});
