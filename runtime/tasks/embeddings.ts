import { pool } from "../inference/pooling.ts";
import { prompted, promptOf } from "../inference/prompt.ts";
import { type Row, runEncoder } from "../inference/run-text-encoder.ts";
import { type EncodeTextsOptions, encodeTexts } from "../inference/tokenize.ts";
import type { Model } from "../serving/open-model.ts";

interface EmbedOptions extends EncodeTextsOptions {
  /** Of the prompt to put before each text, in place of the model's default. */
  readonly promptName?: string | undefined;
}

/** A pooled vector for each text, in the texts' order. */
export async function embed(
  model: Model,
  texts: readonly string[],
  { promptName, ...options }: EmbedOptions,
): Promise<Float64Array[]> {
  const { manifest } = model;
  const prompt = promptOf(manifest, { name: promptName, field: options.pathOf("prompt_name") });
  const encode = (all: readonly string[]) =>
    encodeTexts(
      model,
      all.map((text) => prompted(text, prompt, manifest)),
      options,
    );
  // As many tokens as the prompt has alone, with what is put before every text: so sentence-transformers counts them.
  const skip =
    manifest.includePrompt === false && prompt !== "" ? ((await encode([""]))[0]?.first.end ?? 0) : 0;
  return runEncoder(model, await encode(texts), { roles: ["vectors"], work: options.work }, ([row]) =>
    pool(row as Row, manifest.pooling, { skip }),
  );
}
