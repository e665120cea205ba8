import { BadRequest } from "../errors.ts";
import { emptyCache, step } from "../generation/cache.ts";
import { row, rowOf } from "../generation/feeds.ts";
import { type Advance, generate, type Piece } from "../generation/generate.ts";
import { type ChatMessage, readPrompts } from "../generation/prompts.ts";
import { GENERATION_PARAMETERS, settingsOf } from "../generation/settings.ts";
import type { Model } from "../model.ts";
import { boolean, readParameters } from "../parameters.ts";
import type { InferenceRequest } from "../request.ts";
import { timed, type Work } from "../work.ts";
import type { Task } from "./task.ts";

const PARAMETERS = { ...GENERATION_PARAMETERS, return_full_text: boolean, details: boolean };

/** New tokens when neither the request nor the model says how many, as in text-generation-inference. */
const USUAL_TOKENS = 100;

/**
 * Text that goes on: `inputs` a text → `[{generated_text}]`, a list → a list of these. A list of messages {role, content}
 * is a chat, put into words by the model's chat template. Streamed: one event per token, as text-generation-inference.
 */
export const textGeneration: Task = {
  check({ graph }) {
    if (graph.outputs.some(({ name }) => name === "logits")) return;
    throw new Error("the graph has no output `logits`: text-generation needs a decoder");
  },
  warmUp: () => ({ inputs: "a", parameters: { max_new_tokens: 2, do_sample: false } }),
  async run(model, request, work) {
    const { prompts, single, fieldOf } = readPrompts(request.inputs);
    const results: { generated_text: string }[][] = [];
    for (const [i, prompt] of prompts.entries()) {
      const { pieces, begin } = await writing(model, prompt, { request, field: fieldOf(i), work });
      const parts = [begin];
      for await (const { text } of pieces) parts.push(text);
      results.push([{ generated_text: parts.join("") }]);
    }
    return single ? results[0] : results;
  },
  async *stream(model, request, work) {
    const { prompts, fieldOf } = readPrompts(request.inputs);
    const [prompt] = prompts;
    if (prompt === undefined || prompts.length > 1)
      throw new BadRequest("inputs", "one text at a time is streamed");
    const { pieces, begin } = await writing(model, prompt, { request, field: fieldOf(0), work });
    const parts = [begin];
    let tokens = 0;
    for await (const { id, logprob, text, finish } of pieces) {
      parts.push(text);
      tokens++;
      yield {
        index: tokens,
        token: { id, text, logprob, special: model.tokenizer.isSpecial(id) },
        generated_text: finish ? parts.join("") : null,
        details: finish ? { finish_reason: finish, generated_tokens: tokens } : null,
      };
    }
  },
};

interface Circumstances {
  readonly request: InferenceRequest;
  readonly field: string;
  readonly work: Work;
}

/** The pieces of the answer to one prompt, and what the answer's text begins with. */
async function writing(
  model: Model,
  prompt: string | readonly ChatMessage[],
  { request, field, work }: Circumstances,
): Promise<{ pieces: AsyncIterable<Piece>; begin: string }> {
  const { tokenizer, config, manifest, graph } = model;
  const given = readParameters(request, PARAMETERS);
  const settings = settingsOf(given, config, USUAL_TOKENS);
  const text = typeof prompt === "string" ? prompt : await model.chat(prompt, field);
  const { maxTokens } = manifest;
  const options = { maxTokens, addSpecial: typeof prompt === "string", between: () => work.checkTime() };
  const [encoded] = await timed(work, "tokenization", () => tokenizer.encode([text], options));
  const { ids = [] } = encoded?.encoding ?? {};
  if (ids.length === 0) throw new BadRequest(field, "there is nothing in it for the model to read");
  const room = maxTokens - (encoded?.tokens ?? 0);
  if (room < 1)
    throw new BadRequest(
      field,
      `${encoded?.whole ? "" : "more than "}${encoded?.tokens} tokens, and the model reads and writes ${maxTokens} at most`,
    );
  const bounded = { ...settings, maxNewTokens: Math.min(settings.maxNewTokens, room) };
  let cache = emptyCache(graph);
  let length = 0;
  const advance: Advance = async (tokens) => {
    const positions = tokens.map((_, i) => length + i);
    length += tokens.length;
    const feeds = { input_ids: row(tokens), attention_mask: rowOf(1, length), position_ids: row(positions) };
    const next = await step(graph, cache, {
      ...feeds,
      use_cache_branch: rowOf(positions[0] === 0 ? 0 : 1, 1),
    });
    cache = next.cache;
    return next;
  };
  const full = given.return_full_text ?? (typeof prompt === "string" && !request.stream);
  return {
    pieces: generate(advance, { start: ids, settings: bounded, tokenizer, work, goesOn: true }),
    begin: full ? text : "",
  };
}
