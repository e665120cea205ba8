import { BadRequest } from "./errors.ts";
import { isRecord } from "./record.ts";

/** A request in the shape of the Hugging Face inference API, its outer shape checked; the task checks the rest. */
export interface InferenceRequest {
  readonly inputs: unknown;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Name of the model, the function's default when absent. */
  readonly model: string | undefined;
  /** Whether the reply is to tell about the server and the time that each step took. */
  readonly server: boolean;
  /** Whether the answer is wanted piece by piece. */
  readonly stream: boolean;
  /** How the caller wrote a parameter, for errors: `normalize` or `parameters.normalize`. */
  readonly pathOf: (parameter: string) => string;
}

/**
 * Reads `{"inputs": …, "parameters"?: {…}, "model"?: "…", "stream"?: true}`. Parameters may also stand beside `inputs`,
 * which is how huggingface_hub and text-embeddings-inference send them for feature-extraction. `options` (use_cache,
 * wait_for_model) says nothing to a function of one's own and is ignored.
 */
export function readRequest(payload: unknown): InferenceRequest {
  if (!isRecord(payload)) throw new BadRequest("event", 'expected a JSON object such as {"inputs": "…"}');
  const { inputs, parameters = {}, model, options: _, ...beside } = payload;
  if (inputs === undefined || inputs === null) throw new BadRequest("inputs", "missing");
  if (!isRecord(parameters)) throw new BadRequest("parameters", "expected an object");
  if (model !== undefined && typeof model !== "string") throw new BadRequest("model", "expected a string");
  const { server, stream, ...rest } = { ...beside, ...parameters };
  const pathOf = (name: string) => (Object.hasOwn(parameters, name) ? `parameters.${name}` : name);
  return {
    inputs,
    parameters: rest,
    model,
    server: flag(server, pathOf("server")),
    stream: flag(stream, pathOf("stream")),
    pathOf,
  };
}

function flag(value: unknown, field: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw new BadRequest(field, "expected true or false");
  return value;
}
