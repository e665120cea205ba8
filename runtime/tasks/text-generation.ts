import { type Prompt, readPrompts } from "../chat/prompts.ts";
import { type Continuation, continueText } from "../generation/continuation.ts";
import type { Piece } from "../generation/generate.ts";
import { logIgnoredSettings } from "../generation/ignored-settings.ts";
import { GENERATION_PARAMETERS } from "../generation/parameters.ts";
import type { Task, TextModel } from "../model/model.ts";
import { refuseLargeAnswer } from "../request/answer-size.ts";
import { BadRequest } from "../request/errors.ts";
import {
  boolean,
  integer,
  oneOfAnyCase,
  type ParameterValues,
  positiveInteger,
  readParameters,
  unsupported,
} from "../request/parameters.ts";
import type { InferenceRequest } from "../request/request.ts";
import type { Work } from "../request/work.ts";
import type { TextTokenizer } from "../tokenizer/types.ts";
import { chatCompletion } from "./chat-completion.ts";

const PARAMETERS = {
  ...GENERATION_PARAMETERS,
  return_full_text: boolean,
  details: boolean,
  top_n_tokens: integer(0, 20),
  truncate: positiveInteger,
  truncation_direction: oneOfAnyCase(["left", "right"]),
  add_special_tokens: boolean,
  truncation: unsupported("use truncate, the number of prompt tokens to keep", false, "do_not_truncate"),
  decoder_input_details: unsupported("the scores of prompt tokens are not computed", false),
  prefix: unsupported("put it in front of the text"),
  handle_long_generation: unsupported("use truncate, the number of prompt tokens to keep"),
  continue_final_message: unsupported("send a text as inputs, which is always continued", false),
  tools: unsupported("tool calls are not available", []),
  documents: unsupported("put them into the text", []),
  padding: unsupported("texts are generated one at a time", true, false),
};

/** Fewest bytes of the answer to one text. */
const LEAST_BYTES = '[{"generated_text":""}],'.length;

/**
 * Continues a text: `inputs` a text → `[{generated_text}]`, a list → a list of these. A list of messages {role,
 * content} is a chat, rendered by the model's chat template. Streamed: one event per token, as in
 * text-generation-inference.
 */
export const textGeneration: Task<TextModel> = {
  parameters: PARAMETERS,
  chat: chatCompletion,
  check: logIgnoredSettings,
  warmUp: () => ({ inputs: "a", parameters: { max_new_tokens: 2, do_sample: false } }),
  async run(model, request, work) {
    const { prompts, single, fieldOf } = readPrompts(request.inputs);
    const given = readParameters(request, PARAMETERS);
    refuseLargeAnswer(prompts.length * LEAST_BYTES, work, "inputs");
    const results: unknown[][] = [];
    for (const [i, prompt] of prompts.entries()) {
      const continuation = await begin(model, prompt, { given, request, field: fieldOf(i), work });
      const pieces = await Array.fromAsync(continuation.pieces);
      const text = pieces.map((piece) => piece.text).join("");
      const full = given.return_full_text ?? typeof prompt === "string";
      const details = given.details ? { details: detailsOf(pieces, model.tokenizer, given) } : {};
      results.push([{ generated_text: full ? continuation.prompt + text : text, ...details }]);
    }
    return single ? results[0] : results;
  },
  async *stream(model, request, work) {
    const { prompts, fieldOf } = readPrompts(request.inputs);
    const [prompt] = prompts;
    if (prompt === undefined || prompts.length > 1)
      throw new BadRequest("inputs", "only one text can be streamed at a time");
    const given = readParameters(request, PARAMETERS);
    const continuation = await begin(model, prompt, { given, request, field: fieldOf(0), work });
    const parts = given.return_full_text ? [continuation.prompt] : [];
    let index = 0;
    for await (const piece of continuation.pieces) {
      const { text, finish } = piece;
      parts.push(text);
      index++;
      yield {
        index,
        token: toToken(piece, model.tokenizer),
        ...topOf(piece, model.tokenizer),
        generated_text: finish ? parts.join("") : null,
        details: finish
          ? {
              finish_reason: finish,
              generated_tokens: index,
              input_length: continuation.promptTokens,
              seed: given.seed ?? null,
            }
          : null,
      };
    }
  },
};

type Given = ParameterValues<typeof PARAMETERS>;

interface ContinueOptions {
  readonly given: Given;
  readonly request: InferenceRequest;
  readonly field: string;
  readonly work: Work;
}

function begin(
  model: TextModel,
  prompt: Prompt,
  { given, request, field, work }: ContinueOptions,
): Promise<Continuation> {
  const { truncate: most, truncation_direction: from = "left" } = given;
  return continueText(model, prompt, {
    given,
    pathOf: request.pathOf,
    field,
    work,
    top: given.top_n_tokens,
    truncate: most === undefined ? undefined : { most, from },
    special: given.add_special_tokens,
  });
}

type Speller = Pick<TextTokenizer, "decode" | "isSpecial">;

function toToken({ id, text, logprob }: Pick<Piece, "id" | "text" | "logprob">, tokenizer: Speller) {
  return { id, text, logprob, special: tokenizer.isSpecial(id) };
}

function topOf({ top }: Piece, tokenizer: Speller) {
  if (top.length === 0) return {};
  const text = (id: number) => tokenizer.decode([id], { cleanUp: false });
  return { top_tokens: top.map((one) => toToken({ ...one, text: text(one.id) }, tokenizer)) };
}

/** The fields that text-generation-inference adds with `details`, without scores of the prompt's tokens. */
function detailsOf(pieces: readonly Piece[], tokenizer: Speller, { seed }: Given) {
  const tops = pieces.map((piece) => topOf(piece, tokenizer).top_tokens ?? []);
  return {
    finish_reason: pieces.at(-1)?.finish,
    generated_tokens: pieces.length,
    seed: seed ?? null,
    prefill: [],
    tokens: pieces.map((piece) => toToken(piece, tokenizer)),
    ...(tops.some(({ length }) => length > 0) ? { top_tokens: tops } : {}),
  };
}
