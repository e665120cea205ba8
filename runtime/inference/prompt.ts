import type { ModelManifest } from "../../models/spec.ts";
import { BadRequest } from "../request/errors.ts";

/** Prompt names that sentence-transformers has for every model, empty unless the model defines them. */
const USUAL = { query: "", document: "" };

/**
 * The prompt that is put in front of each text: the one that the request names, else the model's default.
 * @param field path of the name in the request, for errors
 * @throws BadRequest for an unknown name
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

export function prompted(
  text: string,
  prompt: string,
  { lowercase }: Pick<ModelManifest, "lowercase">,
): string {
  const whole = prompt + text;
  return lowercase ? whole.toLowerCase() : whole;
}
