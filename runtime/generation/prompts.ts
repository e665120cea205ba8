import { BadRequest } from "../errors.ts";

/** One turn of a chat. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

interface Prompts {
  readonly prompts: readonly (string | readonly ChatMessage[])[];
  readonly single: boolean;
  readonly fieldOf: (index: number) => string;
}

/** A text, a chat (a list of messages), or a list of texts or chats. */
export function readPrompts(inputs: unknown): Prompts {
  const isList = Array.isArray(inputs);
  if (isList && inputs.length === 0) throw new BadRequest("inputs", "the list is empty");
  const isChat = isList && typeof inputs[0] === "object" && !Array.isArray(inputs[0]);
  if (!isList || isChat)
    return { prompts: [readPrompt(inputs, "inputs")], single: true, fieldOf: () => "inputs" };
  const fieldOf = (index: number) => `inputs[${index}]`;
  return { prompts: inputs.map((input, i) => readPrompt(input, fieldOf(i))), single: false, fieldOf };
}

function readPrompt(input: unknown, field: string): string | ChatMessage[] {
  if (typeof input === "string") return input;
  if (!Array.isArray(input) || input.length === 0)
    throw new BadRequest(field, "expected a text or a list of messages");
  return input.map((message, i) => {
    const { role, content } = (message ?? {}) as Record<string, unknown>;
    if (typeof role !== "string") throw new BadRequest(`${field}[${i}].role`, "expected a text");
    if (typeof content !== "string") throw new BadRequest(`${field}[${i}].content`, "expected a text");
    return { role, content };
  });
}
