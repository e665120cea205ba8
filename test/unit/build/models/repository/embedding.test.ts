import { describe, expect, test } from "vitest";
import { type EmbeddingEvidence, embeddingOf } from "../../../../../build/models/repository/embedding.ts";
import type { ModelSpec } from "../../../../../models/spec.ts";
import { refusal } from "../../../../support/refusal.ts";

const TOKENS = { name: "token_embeddings", shape: ["batch", "tokens", 384] };
const WHOLE = { name: "sentence_embedding", shape: ["batch", 384] };
const steps = (...kinds: string[]) => ({
  "modules.json": ["Transformer", "Pooling", ...kinds].map((kind, index) => ({
    path: index === 0 ? "" : `${index}_${kind}`,
    type: `sentence_transformers.models.${kind}`,
  })),
  "1_Pooling/config.json": { pooling_mode: "cls" },
});

const settings = (
  { files = {}, graph = [TOKENS] }: Partial<Omit<EmbeddingEvidence, "model">>,
  spec: Partial<Pick<ModelSpec, "task" | "pooling" | "normalize" | "outputs" | "prompts">> = {},
) => embeddingOf({ task: "feature-extraction", ...spec }, { model: "m", files, graph });

test("what the model's files say is heard", () => {
  expect(settings({ files: steps("Normalize") })).toEqual({ pooling: "cls", normalize: true });
  expect(settings({ files: steps() }, { task: "sentence-similarity" })).toEqual({
    pooling: "cls",
    normalize: false,
  });
  expect(settings({ files: steps() }, { task: "text-classification" })).toEqual({});
  expect(settings({})).toEqual({});
});

test.each([
  [{ architectures: ["Qwen3ForCausalLM"] }, { pooling: "lasttoken" }],
  [{ architectures: ["Qwen3ForCausalLM"], is_causal: false }, {}],
  [{ architectures: ["BertModel"] }, {}],
  [{ architectures: null }, {}],
])(
  "a model that writes is pooled by its last token, where nothing says otherwise: %j",
  (config, expected) => {
    expect(settings({ files: { "config.json": config } })).toEqual(expected);
    const asked = { pooling: "mean" } as const;
    expect(settings({ files: { "config.json": config } }, asked)).toEqual(asked);
    expect(settings({ files: { "config.json": config, ...steps() } })).toMatchObject({ pooling: "cls" });
  },
);

test("a spec may say the same, or what the files do not speak of", () => {
  const spec = { pooling: "cls", normalize: true } as const;
  expect(settings({ files: steps("Normalize") }, spec)).toEqual(spec);
  expect(settings({}, { pooling: "max" })).toEqual({ pooling: "max" });
  expect(settings({ files: steps() }, { prompts: { q: "q: " } })).toMatchObject({ prompts: { q: "q: " } });
});

test.each([
  [{ pooling: "mean" }, 'pooling "mean", and the model\'s own files say "cls"'],
  [{ pooling: ["cls", "max"] }, 'pooling ["cls","max"], and'],
  [{ normalize: true }, "normalize true, and the model's own files say false"],
] as const)("a spec that says otherwise is refused: %j", async (spec, says) => {
  expect(await refusal(() => settings({ files: steps() }, spec as object))).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(says),
    hint: expect.stringContaining("from the spec"),
  });
});

describe("a graph's sentence_embedding", () => {
  const graph = [TOKENS, WHOLE];

  test("is taken in place of pooling here", () => {
    const outputs = { vectors: "sentence_embedding" };
    expect(settings({ graph })).toEqual({ outputs });
    expect(settings({ graph, files: steps("Dense", "Normalize") })).toEqual({ outputs, normalize: true });
    expect(settings({ graph, files: steps() }, { pooling: "cls" })).toEqual({ outputs, normalize: false });
  });

  test("is not, when the spec asks for another output or a pooling, or the prompt is left out", () => {
    expect(settings({ graph }, { pooling: "max" })).toEqual({ pooling: "max" });
    const outputs = { vectors: "token_embeddings" };
    expect(settings({ graph }, { outputs })).toEqual({ outputs });
    const files = { ...steps(), "1_Pooling/config.json": { pooling_mode: "mean", include_prompt: false } };
    expect(settings({ graph, files })).toEqual({ pooling: "mean", normalize: false, includePrompt: false });
  });
});

test.each([
  [{ files: steps("Dense") }, {}],
  [{ files: steps("Dense"), graph: undefined }, {}],
  [{ files: steps("Dense"), graph: [TOKENS, WHOLE] }, { outputs: { vectors: "token_embeddings" } }],
])("steps that nobody does are refused: %j %j", async (evidence, spec) => {
  expect(await refusal(() => settings(evidence as object, spec))).toMatchObject({
    exitCode: 2,
    message: 'mkimage cannot do all steps of model "m" after its graph: modules.json has Dense',
    hint: expect.stringContaining("--library sentence_transformers"),
  });
});

test("an output that the spec names does all steps, unless it has tokens", () => {
  const outputs = { vectors: "text_embeds" };
  const graph = [TOKENS, { name: "text_embeds", shape: undefined }];
  expect(settings({ files: steps("Dense"), graph }, { outputs })).toEqual({ outputs, normalize: false });
});

test("sentence-similarity is refused for a model that compares otherwise than by cosine", async () => {
  const files = { "config_sentence_transformers.json": { similarity_fn_name: "dot" } };
  expect(settings({ files })).toEqual({});
  expect(await refusal(() => settings({ files }, { task: "sentence-similarity" }))).toMatchObject({
    exitCode: 2,
    message: 'Model "m" compares vectors by "dot", and sentence-similarity by their cosine',
  });
});
