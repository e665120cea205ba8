import { BadRequest } from "./errors.ts";

/** What `inputs` holds, for a task that takes texts. */
export interface Texts {
  readonly texts: readonly string[];
  /** The caller gave one text alone, and so expects one result, not a list. */
  readonly single: boolean;
  /** Path of a text in the request, for errors. */
  readonly fieldOf: (index: number) => string;
}

/** Reads `inputs` as one text or a list of texts. */
export function readTexts(inputs: unknown): Texts {
  const fieldOf = (index: number) => `inputs[${index}]`;
  if (typeof inputs === "string") return { texts: [inputs], single: true, fieldOf: () => "inputs" };
  if (!Array.isArray(inputs)) throw new BadRequest("inputs", "expected a text or a list of texts");
  if (inputs.length === 0) throw new BadRequest("inputs", "the list is empty");
  const odd = inputs.findIndex((input) => typeof input !== "string");
  if (odd >= 0) throw new BadRequest(fieldOf(odd), "expected a text");
  return { texts: inputs, single: false, fieldOf };
}
