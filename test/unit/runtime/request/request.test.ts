import { expect, test } from "vitest";
import { readRequest } from "../../../../runtime/request/request.ts";

test("inputs, parameters and model", () => {
  const request = readRequest({ inputs: ["a"], parameters: { normalize: false }, model: "m" });
  expect(request).toMatchObject({ inputs: ["a"], parameters: { normalize: false }, model: "m" });
});

test("parameters beside inputs, as huggingface_hub sends them; an error names them as written", () => {
  const request = readRequest({ inputs: "a", truncate: true, parameters: { normalize: true } });
  expect(request.parameters).toEqual({ truncate: true, normalize: true });
  expect(request.pathOf("truncate")).toBe("truncate");
  expect(request.pathOf("normalize")).toBe("parameters.normalize");
});

test("server and stream are the request's, not the task's; options are ignored", () => {
  const request = readRequest({
    inputs: "a",
    stream: true,
    parameters: { server: true },
    options: { use_cache: false },
  });
  expect(request).toMatchObject({ server: true, stream: true, parameters: {} });
});

test("a chat completion: messages, and what stands beside them", () => {
  const messages = [{ role: "user", content: "a" }];
  const request = readRequest({ messages, model: "m", max_tokens: 3 });
  expect(request).toMatchObject({
    isChat: true,
    inputs: messages,
    model: "m",
    parameters: { max_tokens: 3 },
  });
  expect(request.pathOf("inputs")).toBe("messages");
  expect(readRequest({ inputs: "a" })).toMatchObject({ isChat: false });
});

test.each(["dummy", "tgi"])(
  "the model %s of a chat is the default one: clients write that for a URL",
  (model) => {
    expect(readRequest({ messages: [], model }).model).toBeUndefined();
    expect(readRequest({ inputs: "a", model }).model).toBe(model);
  },
);

test.each([
  { payload: { inputs: "a", messages: [] }, field: "messages" },
  { payload: { inputs: "a", stream: 1 }, field: "stream" },
  { payload: { inputs: "a", parameters: { server: "yes" } }, field: "parameters.server" },
  { payload: null, field: "event" },
  { payload: [], field: "event" },
  { payload: "text", field: "event" },
  { payload: 1, field: "event" },
  { payload: {}, field: "inputs" },
  { payload: { inputs: null }, field: "inputs" },
  { payload: { inputs: "a", parameters: [] }, field: "parameters" },
  { payload: { inputs: "a", parameters: null }, field: "parameters" },
  { payload: { inputs: "a", model: 1 }, field: "model" },
])("$payload is refused for $field", ({ payload, field }) => {
  expect(() => readRequest(payload)).toThrow(expect.objectContaining({ name: "BadRequest", field }));
});

test("a parameter that is there twice is refused where the two differ", () => {
  expect(() => readRequest({ inputs: "a", dimensions: 2, parameters: { dimensions: 3 } })).toThrow(
    "dimensions: differs from parameters.dimensions; send one of them",
  );
  expect(readRequest({ inputs: "a", top_k: 2, parameters: { top_k: 2 } }).parameters).toEqual({ top_k: 2 });
});
