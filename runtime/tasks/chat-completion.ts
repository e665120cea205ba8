import { readChat } from "../chat/prompts.ts";
import { type Continuation, continueText } from "../generation/continuation.ts";
import type { Piece } from "../generation/generate.ts";
import { GENERATION_PARAMETERS } from "../generation/parameters.ts";
import { randomNumbers } from "../generation/random.ts";
import type { Choice } from "../generation/sampling.ts";
import { DONE } from "../http-events/sse.ts";
import type { Answerer, TextModel } from "../model/model.ts";
import {
  boolean,
  integer,
  object,
  type ParameterValues,
  positiveInteger,
  readParameters,
  unsupported,
} from "../request/parameters.ts";
import type { InferenceRequest } from "../request/request.ts";
import type { Work } from "../request/work.ts";
import type { TextTokenizer } from "../tokenizer/types.ts";

const NO_TOOLS = "tool calls are not available";

const PARAMETERS = {
  ...GENERATION_PARAMETERS,
  max_tokens: positiveInteger,
  max_completion_tokens: positiveInteger,
  logprobs: boolean,
  top_logprobs: integer(0, 20),
  stream_options: object,
  n: unsupported("a chat completion has one choice", 1),
  logit_bias: unsupported("use suppress_tokens or bad_words_ids", [], {}),
  response_format: unsupported("constrained decoding is not available", { type: "text" }),
  tools: unsupported(NO_TOOLS, []),
  tool_choice: unsupported(NO_TOOLS, "none", "auto"),
  tool_prompt: unsupported(NO_TOOLS, ""),
};

type Given = ParameterValues<typeof PARAMETERS>;

/**
 * Continues a chat: `messages` → an answer in the format of OpenAI's API, as in text-generation-inference, for
 * `InferenceClient.chat_completion`. Streamed: one event per piece of text, then `[DONE]`.
 */
export const chatCompletion: Answerer<TextModel> = {
  parameters: PARAMETERS,
  async run(model, request, work) {
    const given = readParameters(request, PARAMETERS);
    const { pieces, promptTokens } = await begin(model, request, { given, work });
    const written = await Array.fromAsync(pieces);
    return {
      ...head(model, "chat.completion"),
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: written.map(({ text }) => text).join("") },
          logprobs: given.logprobs ? logprobsOf(written, model.tokenizer) : null,
          finish_reason: reasonOf(written.at(-1)),
        },
      ],
      usage: usageOf(promptTokens, written.length),
    };
  },
  async *stream(model, request, work) {
    const given = readParameters(request, PARAMETERS);
    const { pieces, promptTokens } = await begin(model, request, { given, work });
    const chunk = head(model, "chat.completion.chunk");
    let tokens = 0;
    for await (const piece of pieces) {
      tokens++;
      if (piece.text === "" && !piece.finish && !given.logprobs) continue;
      yield {
        ...chunk,
        choices: [
          {
            index: 0,
            delta: { role: "assistant", content: piece.text },
            logprobs: given.logprobs ? logprobsOf([piece], model.tokenizer) : null,
            finish_reason: reasonOf(piece),
          },
        ],
        usage: null,
      };
    }
    if (given.stream_options?.["include_usage"] === true)
      yield { ...chunk, choices: [], usage: usageOf(promptTokens, tokens) };
    yield DONE;
  },
};

function begin(
  model: TextModel,
  request: InferenceRequest,
  { given, work }: { readonly given: Given; readonly work: Work },
): Promise<Continuation> {
  const field = request.pathOf("inputs");
  const most = given.max_tokens ?? given.max_completion_tokens;
  return continueText(model, readChat(request.inputs, field), {
    given: most === undefined ? given : { ...given, max_new_tokens: most },
    pathOf: request.pathOf,
    field,
    work,
    top: given.logprobs ? given.top_logprobs : 0,
  });
}

function head({ manifest }: TextModel, kind: string) {
  const random = randomNumbers();
  const id = Array.from({ length: 4 }, () => Math.floor(random() * 2 ** 32).toString(16)).join("");
  return {
    id: `chatcmpl-${id}`,
    object: kind,
    created: Math.floor(Date.now() / 1000),
    model: manifest.name,
    system_fingerprint: "mkimage",
  };
}

function reasonOf(piece: Piece | undefined): "length" | "stop" | null {
  if (!piece?.finish) return null;
  return piece.finish === "length" ? "length" : "stop";
}

function usageOf(prompt: number, completion: number) {
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

function logprobsOf(pieces: readonly Piece[], tokenizer: Pick<TextTokenizer, "decode">) {
  const told = ({ id, logprob }: Choice) => ({ token: tokenizer.decode([id], { cleanUp: false }), logprob });
  return { content: pieces.map((piece) => ({ ...told(piece), top_logprobs: piece.top.map(told) })) };
}
