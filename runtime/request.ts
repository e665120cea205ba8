import { BadRequest } from "./errors.ts";

/** A request in the shape of the Hugging Face inference API, its outer shape checked; the task checks the rest. */
export interface InferenceRequest {
  readonly inputs: unknown;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Name of the model, the function's default when absent. */
  readonly model: string | undefined;
  /** How the caller wrote a parameter, for errors: `normalize` or `parameters.normalize`. */
  readonly pathOf: (parameter: string) => string;
}

/**
 * Reads `{"inputs": …, "parameters"?: {…}, "model"?: "…"}`. Parameters may also stand beside `inputs`, which is how
 * huggingface_hub and text-embeddings-inference send them for feature-extraction.
 */
export function readRequest(payload: unknown): InferenceRequest {
  if (!isRecord(payload)) throw new BadRequest("event", 'expected a JSON object such as {"inputs": "…"}');
  const { inputs, parameters = {}, model, ...beside } = payload;
  if (inputs === undefined || inputs === null) throw new BadRequest("inputs", "missing");
  if (!isRecord(parameters)) throw new BadRequest("parameters", "expected an object");
  if (model !== undefined && typeof model !== "string") throw new BadRequest("model", "expected a string");
  return {
    inputs,
    parameters: { ...beside, ...parameters },
    model,
    pathOf: (name) => (Object.hasOwn(parameters, name) ? `parameters.${name}` : name),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
