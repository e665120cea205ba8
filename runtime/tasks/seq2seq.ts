import type { ModelConfig } from "../config.ts";
import { encodeTexts, TEXT_PARAMETERS } from "../encode.ts";
import type { Encoding } from "../encoding.ts";
import { emptyCache, step } from "../generation/cache.ts";
import { flag, row, rowOf } from "../generation/feeds.ts";
import { type Advance, generate } from "../generation/generate.ts";
import { GENERATION_PARAMETERS, type Settings, settingsOf } from "../generation/settings.ts";
import type { Graph } from "../graph.ts";
import { readTexts } from "../inputs.ts";
import type { Model } from "../model.ts";
import { readParameters, text } from "../parameters.ts";
import type { Work } from "../work.ts";
import type { Task } from "./task.ts";

const PARAMETERS = { ...TEXT_PARAMETERS, ...GENERATION_PARAMETERS, tgt_lang: text };

/** New tokens when neither the request nor the model says how many, as in transformers' pipelines. */
const USUAL_TOKENS = 256;

/** Files of an encoder and a decoder as optimum exports them. */
const GRAPHS = ["encoder_model.onnx", "decoder_model_merged.onnx"];

/**
 * A task that turns a text into another: `inputs` a text or a list → a list of {[field]: text}, one for each.
 * @param name by which config.json knows the task's own settings, such as the words that T5 wants before the text
 */
export function textToText(name: string, field: string): Task {
  return {
    graphs: GRAPHS,
    check({ graphs }) {
      const [, decoder] = graphs;
      if (decoder?.outputs.some((output) => output.name === "logits")) return;
      throw new Error(`the decoder has no output \`logits\`: ${name} needs one`);
    },
    warmUp: () => ({ inputs: "warm up", parameters: { max_new_tokens: 2 } }),
    async run(model, request, work) {
      const { items, fieldOf } = readTexts(request.inputs);
      const { tgt_lang: target, ...given } = readParameters(request, PARAMETERS);
      const own = model.config.task_specific_params?.[name] ?? {};
      const config = { ...model.config, ...own };
      const language =
        target === undefined
          ? undefined
          : (model.tokenizer.idOf(target) ?? model.tokenizer.idOf(`__${target}__`));
      const settings = {
        ...bounded(settingsOf(given, config, usualTokens(config)), config),
        ...(language === undefined ? {} : { forcedFirst: language }),
      };
      const prefix = typeof own.prefix === "string" ? own.prefix : (model.config.prefix ?? "");
      const options = { parameters: given, pathOf: request.pathOf, fieldOf, work };
      const encodings = await encodeTexts(
        model,
        items.map((item) => prefix + item),
        options,
      );
      const results: Record<string, string>[] = [];
      for (const encoding of encodings)
        results.push({ [field]: await written(model, encoding, { settings, work }) });
      return results;
    },
  };
}

/** `max_length` counts the token that the decoder begins with. */
function usualTokens({ max_length: longest }: ModelConfig): number {
  return typeof longest === "number" && longest > 1 ? longest - 1 : USUAL_TOKENS;
}

/** No longer than the decoder's table of positions, where it has one. */
function bounded(settings: Settings, { max_position_embeddings: positions }: ModelConfig): Settings {
  if (typeof positions !== "number" || positions < 1) return settings;
  return { ...settings, maxNewTokens: Math.min(settings.maxNewTokens, positions) };
}

async function written(
  { graphs, tokenizer, config }: Model,
  { ids }: Encoding,
  { settings, work }: { readonly settings: Settings; readonly work: Work },
): Promise<string> {
  const [encoder, decoder] = graphs as [Graph, Graph];
  const mask = rowOf(1, ids.length);
  work.checkTime();
  const [states] = await encoder.run({ input_ids: row(ids), attention_mask: mask }, ["last_hidden_state"]);
  if (!states) throw new Error("the encoder gives no last_hidden_state");
  let cache = emptyCache(decoder);
  let first = true;
  const advance: Advance = async (tokens) => {
    const next = await step(decoder, cache, {
      input_ids: row(tokens),
      encoder_attention_mask: mask,
      encoder_hidden_states: states,
      use_cache_branch: flag(!first),
    });
    first = false;
    cache = next.cache;
    return next;
  };
  const start = [config.decoder_start_token_id ?? config.bos_token_id ?? tokenizer.padId];
  const parts: string[] = [];
  for await (const piece of generate(advance, { start, settings, tokenizer, work, goesOn: false }))
    parts.push(piece.text);
  return parts.join("");
}
