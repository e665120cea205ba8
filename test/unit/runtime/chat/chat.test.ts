import { expect, test } from "vitest";
import { renderChat } from "../../../../runtime/chat/chat.ts";
import { DeadlineExceeded } from "../../../../runtime/request/errors.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { tinyModel } from "../../../support/tiny-model.ts";

const MESSAGES = [{ role: "user", content: "hi" }];

async function chat(
  files: Record<string, unknown>,
  config: object = {},
  messages: readonly object[] = MESSAGES,
) {
  const tokenizer = { ...tinyModel().tokenizer, config };
  return renderChat(await temporaryFolder(files), tokenizer, {
    messages: messages as typeof MESSAGES,
    field: "inputs[1]",
  });
}

const of = (name: string) => `${name} {{ messages[0].content }}`;
const named = [
  { name: "tool_use", template: of("tools") },
  { name: "default", template: of("default") },
];

test("the template is that of chat_template.jinja, else chat_template.json, else the tokenizer's", async () => {
  const json = { "chat_template.json": { chat_template: of("json") } };
  const inConfig = { chat_template: of("config") };
  expect(await chat({ "chat_template.jinja": of("jinja"), ...json }, inConfig)).toBe("jinja hi");
  expect(await chat(json, inConfig)).toBe("json hi");
  expect(await chat({}, inConfig)).toBe("config hi");
});

test("of several the default one is taken", async () => {
  expect(await chat({}, { chat_template: named })).toBe("default hi");
  expect(await chat({ "chat_template.json": { chat_template: named } })).toBe("default hi");
});

test("templates know the model's special tokens, and no others", async () => {
  const config = { bos_token: { content: "<s>" }, eos_token: "</s>", unk_token: null };
  const template = "{{ bos_token }}{{ eos_token }}{{ unk_token is defined }}{{ tools is none }}";
  expect(await chat({ "chat_template.jinja": template }, config)).toBe("<s></s>FalseTrue");
});

test.each([
  [{}, {}, MESSAGES, "this model has no chat template; send a text"],
  [
    {},
    { chat_template: named.slice(0, 1) },
    MESSAGES,
    'this model has no chat template of the name "default", only tool_use; send a text',
  ],
  [
    { "chat_template.jinja": "{{ raise_exception('System role not supported') }}" },
    {},
    MESSAGES,
    "the model's chat template: System role not supported",
  ],
  [
    { "chat_template.jinja": "{{ messages | nope }}" },
    {},
    MESSAGES,
    "the model's chat template: cannot put these messages into words: Unknown",
  ],
])("what the template does not take is the caller's: %j %j", async (files, config, messages, says) => {
  await expect(chat(files, config, messages)).rejects.toMatchObject({
    name: "BadRequest",
    field: "inputs[1]",
    message: expect.stringContaining(`inputs[1]: ${says}`),
  });
});

test.each([
  { "chat_template.jinja": "{% for i in range(20000000) %}x{% endfor %}" },
  { "chat_template.jinja": "{% macro f(g) %}{{ g(g) }}{% endmacro %}{{ f(f) }}" },
  { "chat_template.jinja": "{% if %}" },
])("what the template does wrong is the model's, and names the file: %j", async (files) => {
  await expect(chat(files)).rejects.toMatchObject({
    name: "Error",
    message: expect.stringContaining("the model's chat template (chat_template.jinja) cannot be"),
  });
});

test("when the time is up while a chat is put into words, it is the deadline that was exceeded", async () => {
  const folder = await temporaryFolder({
    "chat_template.jinja": "{% for i in range(1000) %}x{% endfor %}",
  });
  const between = () => {
    throw new DeadlineExceeded("late");
  };
  expect(() =>
    renderChat(folder, tinyModel().tokenizer, { messages: MESSAGES, field: "inputs", between }),
  ).toThrow(DeadlineExceeded);
});
