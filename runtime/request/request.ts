import { BadRequest } from "./errors.ts";
import { isRecord } from "./record.ts";

/** A request of the Hugging Face inference API. Its outer shape is checked; the task checks the rest. */
export interface InferenceRequest {
  readonly inputs: unknown;
  /** Whether it is a chat completion, to be answered in the format of OpenAI's API. */
  readonly isChat: boolean;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Name of the model; undefined for the function's default. */
  readonly model: string | undefined;
  /** Whether the reply includes facts about the server and the time of each step. */
  readonly server: boolean;
  readonly stream: boolean;
  /**
   * Path of a parameter as the caller wrote it, for errors: `normalize` or `parameters.normalize`, and `inputs` or
   * `messages`.
   */
  readonly pathOf: (parameter: string) => string;
}

/** Placeholders that Hugging Face's clients send as `model` of a chat when the URL already names the model. */
const PLACEHOLDERS = ["dummy", "tgi"];

/**
 * Reads `{"inputs": …, "parameters"?: {…}, "model"?: "…", "stream"?: true}`, or a chat completion `{"messages": […], …}`.
 * Parameters may also stand beside `inputs`, which is how huggingface_hub and text-embeddings-inference send them for
 * feature-extraction. `options` (use_cache, wait_for_model) is accepted without effect.
 */
export function readRequest(payload: unknown): InferenceRequest {
  if (!isRecord(payload)) throw new BadRequest("event", 'expected a JSON object such as {"inputs": "…"}');
  const { inputs, messages, parameters = {}, model, options: _, ...beside } = payload;
  const isChat = isGiven(messages);
  if (isChat && isGiven(inputs)) throw new BadRequest("messages", "send either messages or inputs");
  if (!isChat && !isGiven(inputs)) throw new BadRequest("inputs", "missing");
  if (!isRecord(parameters)) throw new BadRequest("parameters", "expected an object");
  if (model !== undefined && typeof model !== "string") throw new BadRequest("model", "expected a string");
  for (const name of Object.keys(beside).filter((each) => Object.hasOwn(parameters, each))) {
    if (JSON.stringify(beside[name]) !== JSON.stringify(parameters[name]))
      throw new BadRequest(name, `differs from parameters.${name}; send one of them`);
  }
  const { server, stream, ...rest } = { ...beside, ...parameters };
  const pathOf = (name: string) => {
    if (name === "inputs") return isChat ? "messages" : name;
    return Object.hasOwn(parameters, name) ? `parameters.${name}` : name;
  };
  return {
    inputs: isChat ? messages : inputs,
    isChat,
    parameters: rest,
    model: isChat && PLACEHOLDERS.includes(model ?? "") ? undefined : model,
    server: flag(server, pathOf("server")),
    stream: flag(stream, pathOf("stream")),
    pathOf,
  };
}

const isGiven = (value: unknown) => value !== undefined && value !== null;

function flag(value: unknown, field: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw new BadRequest(field, "expected true or false");
  return value;
}
