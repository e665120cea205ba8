import { expect, test } from "vitest";
import { readRequest } from "../../../../runtime/request/request.ts";
import { chatCompletion } from "../../../../runtime/tasks/chat-completion.ts";
import { work } from "../../../support/tiny-model.ts";
import { modelFor } from "./models.ts";

/** The writer goes on with a, b, c, a …; the tiny template is the messages' words. */
const model = modelFor("text-generation");
const messages = [{ role: "user", content: "a b" }];
const run = (parameters: object = {}, chat: unknown = messages) =>
  chatCompletion.run(model, readRequest({ messages: chat, max_tokens: 2, ...parameters }), work());

async function stream(parameters: object = {}): Promise<unknown[]> {
  const request = readRequest({ messages, max_tokens: 2, stream: true, ...parameters });
  const pieces: unknown[] = [];
  for await (const piece of chatCompletion.stream?.(model, request, work()) ?? []) pieces.push(piece);
  return pieces;
}

test("the answer in the shape of OpenAI's API", async () => {
  expect(await run()).toEqual({
    id: expect.stringMatching(/^chatcmpl-[0-9a-f]+$/),
    object: "chat.completion",
    created: expect.any(Number),
    model: "tiny",
    system_fingerprint: "mkimage",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: " c a" },
        logprobs: null,
        finish_reason: "length",
      },
    ],
    usage: { prompt_tokens: 2, completion_tokens: 2, total_tokens: 4 },
  });
});

test("streamed: its pieces, usage when it is asked for, and the end", async () => {
  const [first, second, end, ...others] = await stream();
  expect([first, second]).toMatchObject([
    {
      object: "chat.completion.chunk",
      choices: [{ delta: { role: "assistant", content: " c" }, finish_reason: null }],
    },
    { choices: [{ delta: { content: " a" }, finish_reason: "length" }], usage: null },
  ]);
  expect([end, others]).toEqual(["data: [DONE]\n\n", []]);
  const counted = await stream({ stream_options: { include_usage: true } });
  expect(counted.at(-2)).toMatchObject({ choices: [], usage: { prompt_tokens: 2, completion_tokens: 2 } });
});

test("it stops where it is told to, or where the model ends", async () => {
  const stopped = { choices: [{ message: { content: " c" }, finish_reason: "stop" }] };
  expect(await run({ stop: [" a"] })).toMatchObject(stopped);
  expect(await run({ max_tokens: null, max_completion_tokens: 3, stop: " a" })).toMatchObject(stopped);
});

test("logprobs, with the likeliest others", async () => {
  const reply = (await run({ logprobs: true, top_logprobs: 2 })) as {
    choices: { logprobs: { content: { token: string; logprob: number; top_logprobs: unknown[] }[] } }[];
  };
  const content = reply.choices[0]?.logprobs.content ?? [];
  expect(content.map(({ token }) => token)).toEqual(["c", "a"]);
  expect(content[0]?.top_logprobs[0]).toEqual({ token: "c", logprob: content[0]?.logprob });
  expect(content[0]?.top_logprobs).toHaveLength(2);
});

test("content may be parts, if they are texts", async () => {
  const parts = [
    { type: "text", text: "a " },
    { type: "text", text: "b" },
  ];
  expect(await run({}, [{ role: "user", content: parts }])).toMatchObject({ usage: { prompt_tokens: 2 } });
});

test.each([
  { chat: [], error: "messages: expected a text or a list of messages" },
  { chat: "a", error: "messages: expected a text or a list of messages" },
  { chat: [{ role: "user" }], error: "messages[0].content: expected a text" },
  {
    chat: [{ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }],
    error: 'messages[0].content[0].type: "image_url" is not supported: this model reads text',
  },
  { chat: [{ role: "assistant", content: "", tool_calls: [{}] }], error: "messages[0].tool_calls: no tools" },
  {
    chat: messages,
    given: { tools: [{}] },
    error: "tools: [{}] is not supported: tool calls are not available",
  },
  { chat: messages, given: { n: 2 }, error: "n: 2 is not supported" },
  { chat: messages, given: { max_tokens: 0 }, error: "max_tokens: expected a positive integer" },
])("$error", async ({ chat, given = {}, error }) => {
  await expect(run(given, chat)).rejects.toThrow(error);
});

test("what leaves things as they are is taken", async () => {
  const harmless = {
    n: 1,
    tools: [],
    tool_choice: "auto",
    response_format: { type: "text" },
    logit_bias: {},
  };
  expect(await run(harmless)).toMatchObject({ choices: [{ message: { content: " c a" } }] });
});
