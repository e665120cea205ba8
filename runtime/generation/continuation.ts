import type { ChatMessage, Prompt } from "../chat/prompts.ts";
import type { TextModel } from "../model/model.ts";
import { BadRequest } from "../request/errors.ts";
import type { ParameterValues } from "../request/parameters.ts";
import type { InferenceRequest } from "../request/request.ts";
import { timed, type Work } from "../request/work.ts";
import { cleansUpByDefault } from "../tokenizer/clean-up.ts";
import { FARTHEST } from "../tokenizer/excerpt.ts";
import type { Encoded } from "../tokenizer/types.ts";
import { openDecoder } from "./decoder.ts";
import { generate, type Piece } from "./generate.ts";
import type { GENERATION_PARAMETERS } from "./parameters.ts";
import { settingsOf } from "./settings.ts";

/** As in text-generation-inference. */
const DEFAULT_NEW_TOKENS = 100;

interface Options {
  readonly given: ParameterValues<typeof GENERATION_PARAMETERS>;
  readonly pathOf: InferenceRequest["pathOf"];
  readonly field: string;
  readonly work: Work;
  /** Number of most likely tokens to return at each position. */
  readonly top?: number | undefined;
  /** Number of prompt tokens to keep of a longer prompt, and from which end it is cut. */
  readonly truncate?: { readonly most: number; readonly from: "left" | "right" } | undefined;
  /** Whether special tokens are added; a chat template has its own. */
  readonly special?: boolean | undefined;
}

export interface Continuation {
  readonly pieces: AsyncIterable<Piece>;
  readonly prompt: string;
  readonly promptTokens: number;
}

export async function continueText(
  model: TextModel,
  prompt: Prompt,
  { given, pathOf, field, work, top = 0, truncate, special = typeof prompt === "string" }: Options,
): Promise<Continuation> {
  const { tokenizer, manifest } = model;
  const config = { ...model.config, ...model.config.task_specific_params?.["text-generation"] };
  const { maxTokens } = manifest;
  const between = () => work.checkTime();
  if (typeof prompt !== "string") refuseLong(prompt, maxTokens, field);
  const text = typeof prompt === "string" ? prompt : await model.chat(prompt, { field, between });
  const encoded = await timed(work, "preprocessing", () =>
    tokenizer.encode([text], {
      maxTokens: Math.min(maxTokens, truncate?.most ?? maxTokens),
      direction: truncate?.from,
      addSpecial: special,
      between,
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
  const settings = settingsOf(given, { config, begun: ids.length, usualTokens: DEFAULT_NEW_TOKENS, pathOf });
  return {
    prompt: text,
    promptTokens: ids.length,
    pieces: generate(openDecoder(model), {
      start: ids,
      settings: { ...settings, maxNewTokens: Math.min(settings.maxNewTokens, room) },
      tokenizer,
      work,
      continuesText: true,
      cleanUp: given.clean_up_tokenization_spaces ?? cleansUpByDefault(tokenizer),
      top,
    }),
  };
}

/** Refuses a chat that is too long whatever its template adds: each message has at least one token. */
function refuseLong(messages: readonly ChatMessage[], maxTokens: number, field: string): void {
  if (messages.length > maxTokens)
    throw new BadRequest(
      field,
      `${messages.length} messages, and the model reads and writes ${maxTokens} tokens at most`,
    );
  const characters = messages.reduce((sum, { content }) => sum + content.length, 0);
  if (characters > FARTHEST)
    throw new BadRequest(field, `${characters} characters, and at most ${FARTHEST} are read`, 413);
}
