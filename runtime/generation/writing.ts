import type { Prompt } from "../chat/prompts.ts";
import { BadRequest } from "../request/errors.ts";
import type { ParameterValues } from "../request/parameters.ts";
import type { InferenceRequest } from "../request/request.ts";
import { timed, type Work } from "../request/work.ts";
import type { Model } from "../serving/open-model.ts";
import { cleansUp } from "../tokenizer/clean-up.ts";
import type { Encoded } from "../tokenizer/tokenizer.ts";
import { openDecoder } from "./decoder.ts";
import { generate, type Piece } from "./generate.ts";
import type { GENERATION_PARAMETERS } from "./parameters.ts";
import { settingsOf } from "./settings.ts";

/** New tokens when neither the request nor the model says how many, as in text-generation-inference. */
const USUAL_TOKENS = 100;

interface Options {
  readonly given: ParameterValues<typeof GENERATION_PARAMETERS>;
  readonly pathOf: InferenceRequest["pathOf"];
  /** The prompt's path in the request, for errors. */
  readonly field: string;
  readonly work: Work;
  /** How many of the likeliest tokens are told beside each. */
  readonly top?: number | undefined;
  /** Tokens of the prompt that are read, when it has more. */
  readonly truncate?: { readonly most: number; readonly from: "left" | "right" } | undefined;
  /** Whether special tokens are put around a text; a chat has its own. */
  readonly special?: boolean | undefined;
}

/** How a prompt goes on. */
export interface Writing {
  readonly pieces: AsyncIterable<Piece>;
  /** The prompt as a text. */
  readonly prompt: string;
  readonly promptTokens: number;
}

/** The pieces that an answer has in all. */
export async function all<T>(pieces: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const piece of pieces) list.push(piece);
  return list;
}

/** Begins to write what follows a prompt. */
export async function writeOn(
  model: Model,
  prompt: Prompt,
  { given, pathOf, field, work, top = 0, truncate, special = typeof prompt === "string" }: Options,
): Promise<Writing> {
  const { tokenizer, manifest } = model;
  const config = { ...model.config, ...model.config.task_specific_params?.["text-generation"] };
  const text = typeof prompt === "string" ? prompt : await model.chat(prompt, field);
  const { maxTokens } = manifest;
  const encoded = await timed(work, "tokenization", () =>
    tokenizer.encode([text], {
      maxTokens: Math.min(maxTokens, truncate?.most ?? maxTokens),
      direction: truncate?.from,
      addSpecial: special,
      between: () => work.checkTime(),
    }),
  );
  const [{ encoding, tokens, whole }] = encoded as [Encoded];
  const ids = encoding?.ids ?? [];
  if (ids.length === 0) throw new BadRequest(field, "there is nothing in it for the model to read");
  const room = truncate ? maxTokens - ids.length : whole ? maxTokens - tokens : 0;
  if (room < 1)
    throw new BadRequest(
      field,
      `${whole ? "" : "more than "}${tokens} tokens, and the model reads and writes ${maxTokens} at most`,
    );
  const settings = settingsOf(given, { config, begun: ids.length, usualTokens: USUAL_TOKENS, pathOf });
  return {
    prompt: text,
    promptTokens: ids.length,
    pieces: generate(openDecoder(model), {
      start: ids,
      settings: { ...settings, maxNewTokens: Math.min(settings.maxNewTokens, room) },
      tokenizer,
      work,
      goesOn: true,
      cleansUp: given.clean_up_tokenization_spaces ?? cleansUp(tokenizer),
      top,
    }),
  };
}
