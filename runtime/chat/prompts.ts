import { BadRequest } from "../request/errors.ts";

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
  readonly name?: string;
}

export type Prompt = string | readonly ChatMessage[];

/** Most characters of a role or a name: templates insert and compare them. */
const LONGEST_NAME = 1000;

interface Prompts {
  readonly prompts: readonly Prompt[];
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

function readPrompt(input: unknown, field: string): Prompt {
  return typeof input === "string" ? input : readChat(input, field);
}

export function readChat(messages: unknown, field: string): ChatMessage[] {
  if (!Array.isArray(messages) || messages.length === 0)
    throw new BadRequest(field, "expected a text or a list of messages");
  return messages.map((message, i) => readMessage(message, `${field}[${i}]`));
}

function readMessage(message: unknown, field: string): ChatMessage {
  const {
    role,
    content,
    name,
    tool_calls: calls,
    tool_call_id: call,
  } = (message ?? {}) as Record<string, unknown>;
  if (typeof role !== "string" || role.length > LONGEST_NAME)
    throw new BadRequest(`${field}.role`, `expected a text of at most ${LONGEST_NAME} characters`);
  if (calls || call)
    throw new BadRequest(`${field}.${calls ? "tool_calls" : "tool_call_id"}`, "no tools are called here");
  if (name !== undefined && name !== null && (typeof name !== "string" || name.length > LONGEST_NAME))
    throw new BadRequest(`${field}.name`, `expected a text of at most ${LONGEST_NAME} characters`);
  return { role, content: readContent(content, `${field}.content`), ...(name ? { name } : {}) };
}

/** A text, or a list of parts `{"type": "text", "text": …}`, which are concatenated. */
function readContent(content: unknown, field: string): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) throw new BadRequest(field, "expected a text");
  const parts = content.map((part, i) => {
    const { type, text } = (part ?? {}) as Record<string, unknown>;
    if (type !== "text")
      throw new BadRequest(
        `${field}[${i}].type`,
        `${JSON.stringify(type)} is not supported: this model reads text`,
      );
    if (typeof text !== "string") throw new BadRequest(`${field}[${i}].text`, "expected a text");
    return text;
  });
  return parts.join("");
}
