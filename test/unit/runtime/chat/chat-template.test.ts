import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parseTemplate, TemplateRefusal } from "../../../../runtime/chat/chat-template.ts";

interface Row {
  readonly template: string;
  readonly chat: string;
  readonly text?: string;
  readonly refusal?: string;
}

interface Chats {
  readonly now: string;
  readonly templates: Readonly<Record<string, string>>;
  readonly chats: Readonly<Record<string, object[]>>;
  readonly values: Readonly<Record<string, unknown>>;
  readonly rows: readonly Row[];
}

/** What Python's Jinja makes of chats, written by chats.py. */
const { now, templates, chats, values, rows }: Chats = JSON.parse(
  readFileSync(`${import.meta.dirname}/chats.json`, "utf8"),
);

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(now) });
});
afterEach(() => {
  vi.useRealTimers();
});

test.each(rows)("$template of $chat is what Python makes of it", ({ template, chat, text, refusal }) => {
  const render = parseTemplate(templates[template] as string);
  const rendered = () => render({ ...values, messages: chats[chat] });
  if (refusal === undefined) expect(rendered()).toBe(text);
  else expect(rendered).toThrow(new TemplateRefusal(refusal));
});

test("a template that is none is refused when it is parsed", () => {
  expect(() => parseTemplate("{% if %}")).toThrow();
});
