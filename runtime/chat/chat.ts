import { readFileSync } from "node:fs";
import { readOptionalJson } from "../model-files/config.ts";
import { BadRequest, DeadlineExceeded } from "../request/errors.ts";
import type { TextTokenizer } from "../tokenizer/types.ts";
import { TemplateTooCostly } from "./bounded-interpreter.ts";
import { parseTemplate, type Render, TemplateRefusal } from "./chat-template.ts";
import type { ChatMessage } from "./prompts.ts";

interface Source {
  readonly text: string;
  readonly file: string;
}

interface Template {
  readonly render: Render;
  readonly file: string;
}

const parsed = new Map<string, Template>();

/** Variables of templates, where tokenizer_config.json defines these tokens. */
const TOKENS = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

/**
 * Renders a chat with the model's template, up to where the model's own turn begins. The template is read on first use:
 * from chat_template.jinja, else chat_template.json, else tokenizer_config.json.
 * @param field path of the messages in the request, for errors
 * @param between called while the template is rendered; may throw
 * @throws BadRequest when the model has no template, or the template rejects these messages
 * @throws Error when the template cannot be parsed, or exceeds the limits of time and memory
 */
export function renderChat(
  folder: string,
  { config }: Pick<TextTokenizer, "config">,
  {
    messages,
    field,
    between,
  }: { readonly messages: readonly ChatMessage[]; readonly field: string; readonly between?: () => void },
): string {
  const { render, file } = parsed.get(folder) ?? templateOf(sourceIn(folder, config.chat_template, field));
  parsed.set(folder, { render, file });
  const values = {
    ...tokensIn(config),
    messages: messages.map((message) => ({ ...message })),
    tools: null,
    documents: null,
    add_generation_prompt: true,
  };
  try {
    return render(values, between);
  } catch (error) {
    if (error instanceof DeadlineExceeded) throw error;
    const { message } = error as Error;
    // The engine's RangeError: recursion too deep, or a text too long.
    if (error instanceof TemplateTooCostly || error instanceof RangeError)
      throw new Error(`the model's chat template (${file}) cannot be used: ${message}`, { cause: error });
    const why =
      error instanceof TemplateRefusal ? message : `cannot put these messages into words: ${message}`;
    throw new BadRequest(field, `the model's chat template: ${why}`);
  }
}

function templateOf({ text, file }: Source): Template {
  try {
    return { render: parseTemplate(text), file };
  } catch (cause) {
    throw new Error(`the model's chat template (${file}) cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function tokensIn(config: object): Record<string, string> {
  const texts = TOKENS.map((name) => {
    const token = (config as Record<string, string | { readonly content: string } | null | undefined>)[name];
    return [name, typeof token === "string" ? token : token?.content];
  });
  return Object.fromEntries(texts.filter(([, text]) => text !== undefined));
}

function sourceIn(folder: string, inConfig: unknown, field: string): Source {
  const inJson = readOptionalJson(folder, "chat_template.json")["chat_template"];
  const found = {
    "chat_template.jinja": readText(`${folder}/chat_template.jinja`),
    "chat_template.json": defaultOf(inJson),
    "tokenizer_config.json": defaultOf(inConfig),
  };
  for (const [file, text] of Object.entries(found)) if (text !== undefined) return { text, file };
  const names = [inJson, inConfig].flatMap(namesOf);
  const others = names.length === 0 ? "" : ` of the name "default", only ${names.join(", ")}`;
  throw new BadRequest(field, `this model has no chat template${others}; send a text`);
}

interface NamedTemplate {
  readonly name: string;
  readonly template: string;
}

function defaultOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return Array.isArray(value)
    ? (value as NamedTemplate[]).find(({ name }) => name === "default")?.template
    : undefined;
}

const namesOf = (value: unknown) =>
  Array.isArray(value) ? (value as NamedTemplate[]).map(({ name }) => name) : [];

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
