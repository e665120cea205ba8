import { BadRequest } from "./errors.ts";
import { isRecord } from "./record.ts";

/** A request in the shape of the Hugging Face inference API, its outer shape checked; the task checks the rest. */
export interface InferenceRequest {
  /** What the task works on; of a chat completion its messages. */
  readonly inputs: unknown;
  /** Whether it is a chat completion, which is answered in the shape of OpenAI's API. */
  readonly isChat: boolean;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Name of the model, the function's default when absent. */
  readonly model: string | undefined;
  /** Whether the reply is to tell about the server and the time that each step took. */
  readonly server: boolean;
  /** Whether the answer is wanted piece by piece. */
  readonly stream: boolean;
  /** How the caller wrote a parameter, for errors: `normalize` or `parameters.normalize`; of `inputs` its own name. */
  readonly pathOf: (parameter: string) => string;
}

/** What Hugging Face's clients write for the model of a chat when a URL says which it is. */
const PLACEHOLDERS = ["dummy", "tgi"];

/**
 * Reads `{"inputs": …, "parameters"?: {…}, "model"?: "…", "stream"?: true}`, or a chat completion `{"messages": […], …}`.
 * Parameters may also stand beside `inputs`, which is how huggingface_hub and text-embeddings-inference send them for
 * feature-extraction. `options` (use_cache, wait_for_model) has no effect on a function of your own and is accepted.
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
