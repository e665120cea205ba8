import { expect, test } from "vitest";
import { ignoredSettings } from "../../../../runtime/generation/ignored-settings.ts";

test("what a config asks for and this runtime does not have is told with the reason", () => {
  const config = { num_beams: 4, length_penalty: 2, early_stopping: true, guidance_scale: 1.5 };
  expect(ignoredSettings(config)).toEqual([
    expect.stringContaining("num_beams: 4 is not supported: this runtime decodes greedily"),
    expect.stringContaining("early_stopping: true is not supported"),
    expect.stringContaining("length_penalty: 2 is not supported: it applies to beam search"),
    expect.stringContaining("guidance_scale: 1.5 is not supported"),
  ]);
});

test("what is heeded, harmless, missing, or the model's own is not told", () => {
  const heeded = { max_length: 20, repetition_penalty: 1.2, suppress_tokens: [1], forced_bos_token_id: 3 };
  const harmless = {
    num_beams: 1,
    length_penalty: 1,
    diversity_penalty: 0,
    use_cache: true,
    guidance_scale: null,
  };
  const own = { decoder_start_token_id: 2, bos_token_id: 0, pad_token_id: 1, model_type: "t5" };
  expect(ignoredSettings({ ...heeded, ...harmless, ...own })).toEqual([]);
});
