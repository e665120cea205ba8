import type { ModelManifest } from "../../models/spec.ts";
import { BadRequest } from "../request/errors.ts";

/** Names that sentence-transformers knows for every model; without a text of the model's own they put nothing before it. */
const USUAL = { query: "", document: "" };

/**
 * The text that a model wants before each of its inputs: of the name that the request gives, else the model's default.
 * @param field where the request has the name, for errors
 * @throws BadRequest for a name that the model does not have
 */
export function promptOf(
  { prompts = {}, defaultPromptName }: Pick<ModelManifest, "prompts" | "defaultPromptName">,
  { name, field }: { readonly name: string | undefined; readonly field: string },
): string {
  const known: Readonly<Record<string, string>> = { ...USUAL, ...prompts };
  const asked = name ?? defaultPromptName;
  if (asked === undefined) return "";
  if (Object.hasOwn(known, asked)) return known[asked] as string;
  throw new BadRequest(field, `this model has the prompts ${Object.keys(known).join(", ")}`);
}

/** A text as the model is to read it, behind its prompt. */
export function prompted(
  text: string,
  prompt: string,
  { lowercase }: Pick<ModelManifest, "lowercase">,
): string {
  const whole = prompt + text;
  return lowercase ? whole.toLowerCase() : whole;
}
