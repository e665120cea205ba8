import { expect, test } from "vitest";
import { vectorOutput } from "../../../runtime/outputs.ts";

const perToken = (name: string) => ({ name, type: "float32", shape: ["b", "t", 384] });
const perText = (name: string) => ({ name, type: "float32", shape: ["b", 384] });
const integers = (name: string) => ({ name, type: "int64", shape: ["b", "t"] });

test.each([
  {
    about: "by name, whatever the order",
    outputs: [perText("pooler_output"), perToken("last_hidden_state")],
    name: "last_hidden_state",
  },
  {
    about: "token vectors before text vectors",
    outputs: [perText("sentence_embedding"), perToken("token_embeddings")],
    name: "token_embeddings",
  },
  { about: "text vectors alone", outputs: [perText("sentence_embedding")], name: "sentence_embedding" },
  {
    about: "by shape: floats per token",
    outputs: [integers("output"), integers("463"), perToken("onnx::Shape_422"), perText("461")],
    name: "onnx::Shape_422",
  },
  { about: "by shape: floats per text", outputs: [integers("output"), perText("461")], name: "461" },
])("$about", ({ outputs, name }) => {
  expect(vectorOutput(outputs).name).toBe(name);
});

test("logits are no vectors; the error lists what there is", () => {
  expect(() => vectorOutput([perToken("logits"), integers("ids")])).toThrow(
    "no vectors: its outputs are logits: float32[b, t, 384]; ids: int64[b, t]",
  );
});
