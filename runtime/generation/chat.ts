import { existsSync, readFileSync } from "node:fs";
import { Template } from "@huggingface/jinja";
import { BadRequest } from "../errors.ts";
import { nameOf, type TextTokenizer } from "../tokenizer.ts";
import type { ChatMessage } from "./prompts.ts";

const parsed = new Map<string, Template>();

/**
 * Puts a chat into the words that the model was trained on, up to where its own turn begins. The template is that of
 * chat_template.jinja or tokenizer_config.json; it is read when it is first needed.
 */
export function chatIn(
  folder: string,
  { config }: Pick<TextTokenizer, "config">,
  messages: readonly ChatMessage[],
): string {
  const template = parsed.get(folder) ?? new Template(sourceIn(folder, config.chat_template));
  parsed.set(folder, template);
  return template.render({
    messages: messages.map((message) => ({ ...message })),
    add_generation_prompt: true,
    bos_token: nameOf(config.bos_token) ?? "",
    eos_token: nameOf(config.eos_token) ?? "",
  });
}

function sourceIn(folder: string, inConfig: unknown): string {
  const file = `${folder}/chat_template.jinja`;
  if (existsSync(file)) return readFileSync(file, "utf8");
  if (typeof inConfig === "string") return inConfig;
  throw new BadRequest("inputs", "this model has no chat template; send a text");
}
