import { pool } from "../inference/pooling.ts";
import { prompted, promptOf } from "../inference/prompt.ts";
import { type Row, runEncoder } from "../inference/run-text-encoder.ts";
import { type EncodeTextsOptions, encodeTexts } from "../inference/tokenize.ts";
import type { TextModel } from "../model/model.ts";

interface EmbedOptions extends EncodeTextsOptions {
  /** Name of the prompt for each text, instead of the model's default. */
  readonly promptName?: string | undefined;
}

export async function* embed(
  model: TextModel,
  texts: Iterable<string>,
  { promptName, ...options }: EmbedOptions,
): AsyncGenerator<Float64Array, void> {
  const { manifest } = model;
  const prompt = promptOf(manifest, { name: promptName, field: options.pathOf("prompt_name") });
  const encode = (all: Iterable<string>) =>
    encodeTexts(
      model,
      Iterator.from(all).map((text) => prompted(text, prompt, manifest)),
      options,
    );
  // The number of tokens of the prompt alone, with the special tokens before it, as sentence-transformers counts
  // them.
  const skip =
    manifest.includePrompt === false && prompt !== ""
      ? ((await Array.fromAsync(encode([""])))[0]?.encoding.first.end ?? 0)
      : 0;
  yield* runEncoder(model, encode(texts), { roles: ["vectors"], work: options.work }, ([row]) =>
    pool(row as Row, manifest.pooling, { skip }),
  );
}
