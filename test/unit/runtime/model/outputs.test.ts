import { expect, test } from "vitest";
import { type OutputRole, outputFor } from "../../../../runtime/model/outputs.ts";
import { port, tinyModel } from "../../../support/tiny-model.ts";

const perToken = (name: string) => port(name, "float32", ["b", "t", 384]);
const perText = (name: string) => port(name, "float32", ["b", 384]);
const integers = (name: string) => port(name, "int64", ["b", "t"]);

function find(
  role: OutputRole,
  outputs: ReturnType<typeof port>[],
  named?: Partial<Record<OutputRole, string>>,
): string {
  const { manifest, graph } = tinyModel();
  return outputFor(role, { manifest: { ...manifest, outputs: named }, graph: { ...graph, outputs } }).name;
}

test.each([
  {
    about: "by name, whatever the order",
    role: "vectors",
    outputs: [perText("pooler_output"), perToken("last_hidden_state")],
    name: "last_hidden_state",
  },
  {
    about: "token vectors before text vectors",
    role: "vectors",
    outputs: [perText("sentence_embedding"), perToken("token_embeddings")],
    name: "token_embeddings",
  },
  {
    about: "text vectors alone",
    role: "vectors",
    outputs: [perText("sentence_embedding")],
    name: "sentence_embedding",
  },
  {
    about: "by shape: floats per token",
    role: "vectors",
    outputs: [integers("output"), integers("463"), perToken("onnx::Shape_422"), perText("461")],
    name: "onnx::Shape_422",
  },
  {
    about: "by shape: floats per text",
    role: "vectors",
    outputs: [integers("output"), perText("461")],
    name: "461",
  },
  { about: "logits of a text", role: "logits", outputs: [perToken("mems_0"), perText("463")], name: "463" },
  { about: "logits by name", role: "logits", outputs: [perText("x"), perText("logits")], name: "logits" },
  {
    about: "logits of tokens",
    role: "tokenLogits",
    outputs: [perToken("hidden_states.1"), perToken("output")],
    name: "output",
  },
  { about: "an answer's start", role: "startLogits", outputs: [perText("463"), perText("464")], name: "463" },
  { about: "an answer's end", role: "endLogits", outputs: [perText("463"), perText("464")], name: "464" },
] as const)("$role: $about", ({ role, outputs, name }) => {
  expect(find(role, [...outputs])).toBe(name);
});

test("the spec's name comes first", () => {
  expect(find("vectors", [perToken("last_hidden_state"), perText("mine")], { vectors: "mine" })).toBe("mine");
  expect(() => find("vectors", [perText("461")], { vectors: "mine" })).toThrow('names "mine" as vectors');
});

test("logits are no vectors; the error lists what there is", () => {
  expect(() => find("vectors", [perToken("logits"), integers("ids")])).toThrow(
    "no output for vectors: its outputs are logits: float32[b, t, 384]; ids: int64[b, t]",
  );
});
