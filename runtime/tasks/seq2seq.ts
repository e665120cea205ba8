import { openDecoder } from "../generation/decoder.ts";
import { generate } from "../generation/generate.ts";
import { logIgnoredSettings } from "../generation/ignored-settings.ts";
import { GENERATION_PARAMETERS } from "../generation/parameters.ts";
import { type Settings, settingsOf } from "../generation/settings.ts";
import { toFeeds } from "../inference/batches.ts";
import { encodeTexts, TEXT_PARAMETERS } from "../inference/tokenize.ts";
import type { Task, TextModel } from "../model/model.ts";
import { outputFor } from "../model/outputs.ts";
import type { ModelConfig } from "../model-files/config.ts";
import type { Graph } from "../onnx/graph.ts";
import { refuseLargeAnswer } from "../request/answer-size.ts";
import { readTexts } from "../request/inputs.ts";
import { object, type ParameterValues, readParameters, text, unsupported } from "../request/parameters.ts";
import type { InferenceRequest } from "../request/request.ts";
import type { Work } from "../request/work.ts";
import { cleansUpByDefault } from "../tokenizer/clean-up.ts";
import type { Encoding } from "../tokenizer/encoding.ts";
import { translating } from "./translating.ts";

const PARAMETERS = {
  ...TEXT_PARAMETERS,
  ...GENERATION_PARAMETERS,
  generate_parameters: object,
  generate_kwargs: object,
  padding: unsupported("texts are generated one at a time", true, false),
};

const LANGUAGE_PARAMETERS = { src_lang: text, tgt_lang: text };

/** As in transformers' pipelines. */
const DEFAULT_NEW_TOKENS = 256;

/** The decoder's start token, which lengths include. */
const BEGUN = 1;

/**
 * A task that generates a text from a text: `inputs` a text or a list → a list of {[field]: text}, one for each.
 * @param name key of the task's settings in config.json, such as T5's prefix
 */
export function textToText(name: "summarization" | "translation", field: string): Task<TextModel> {
  const known = { ...PARAMETERS, ...(name === "translation" ? LANGUAGE_PARAMETERS : {}) };
  return {
    parameters: known,
    check: logIgnoredSettings,
    warmUp: () => ({ inputs: "warm up", parameters: { max_new_tokens: 2 } }),
    async run(model, request, work) {
      const { items, fieldOf } = readTexts(request.inputs);
      const given = readGenerated(request, known);
      const { pathOf } = request;
      const { own, forcedFirst, mark } = translating(model, name, { given, pathOf });
      const config: ModelConfig = { ...model.config, ...own };
      const settingsOptions = { config, begun: BEGUN, usualTokens: DEFAULT_NEW_TOKENS, pathOf };
      const settings = {
        ...bounded(settingsOf(given, settingsOptions), config),
        ...(forcedFirst === undefined ? {} : { forcedFirst }),
      };
      const prefix = config.prefix ?? "";
      // `max_length` limits the answer here, not the input.
      const { max_length: _, ...parameters } = given;
      refuseLargeAnswer(items.length * `{"${field}":""},`.length, work, "inputs");
      const texts = items.values().map((item) => prefix + item);
      const encodings = encodeTexts(model, texts, { parameters, pathOf, fieldOf, work });
      const cleanUp = given.clean_up_tokenization_spaces ?? cleansUpByDefault(model.tokenizer);
      const results: Record<string, string>[] = [];
      for await (const { encoding } of encodings) {
        const marked = { ids: mark(encoding), typeIds: encoding.typeIds };
        results.push({ [field]: await generateText(model, marked, { settings, cleanUp, work }) });
      }
      return results;
    },
  };
}

type Known = typeof PARAMETERS & Partial<typeof LANGUAGE_PARAMETERS>;

/** The parameters, merged with those inside `generate_parameters` and `generate_kwargs`. */
function readGenerated(request: InferenceRequest, known: Known): ParameterValues<Known> {
  const given = readParameters(request, known);
  const nested = (["generate_parameters", "generate_kwargs"] as const).map((name) => {
    const pathOf = (inner: string) => `${request.pathOf(name)}.${inner}`;
    return readParameters({ parameters: given[name] ?? {}, pathOf }, GENERATION_PARAMETERS);
  });
  return Object.assign({}, given, ...nested);
}

function halves({ graphs, manifest, config }: TextModel) {
  const [encoder, decoder] = graphs as [Graph, Graph];
  const { outputs: _, ...plain } = manifest;
  return {
    encoder: { graph: encoder, manifest: plain },
    decoder: { graph: decoder, manifest, config },
  };
}

/** Limits the length to the decoder's table of positions, if it has one. */
function bounded(settings: Settings, { max_position_embeddings: positions }: ModelConfig): Settings {
  if (typeof positions !== "number" || positions < 1) return settings;
  return { ...settings, maxNewTokens: Math.min(settings.maxNewTokens, positions) };
}

interface DecodeOptions {
  readonly settings: Settings;
  readonly cleanUp: boolean;
  readonly work: Work;
}

async function generateText(
  model: TextModel,
  encoding: Pick<Encoding, "ids" | "typeIds">,
  { settings, cleanUp, work }: DecodeOptions,
): Promise<string> {
  const { tokenizer, config } = model;
  const { encoder, decoder } = halves(model);
  work.checkTime();
  const feeds = toFeeds([encoding], encoder.graph.inputs, tokenizer);
  const [states] = await encoder.graph.run(feeds, [outputFor("vectors", encoder).name]);
  if (!states) throw new Error("the encoder gives no states");
  const mask = { data: new BigInt64Array(encoding.ids.length).fill(1n), dims: [1, encoding.ids.length] };
  const advance = openDecoder(decoder, { encoder_hidden_states: states, encoder_attention_mask: mask });
  const start = [config.decoder_start_token_id ?? config.bos_token_id ?? tokenizer.padId];
  const parts: string[] = [];
  const options = { start, settings, tokenizer, work, continuesText: false, cleanUp };
  for await (const piece of generate(advance, options)) parts.push(piece.text);
  return parts.join("");
}
