import { expect, test } from "vitest";
import { BASELINES, baselineCells, requireSameWork } from "../../../../build/bench/baselines.ts";
import type { BenchCell } from "../../../../build/bench/cells.ts";
import { UserError } from "../../../../build/errors.ts";
import { toVariant } from "../../../../build/plan/variant.ts";
import { FACTS } from "../../../support/plan-facts.ts";

const MODEL = FACTS.models["all-minilm-l6-v2"] ?? Object.values(FACTS.models)[0];

function cellOf(quantization: "fp32" | "int8", rest: Partial<BenchCell["cell"]> = {}): BenchCell {
  if (!MODEL) throw new Error("there is no model");
  const name = `debian-amd64-${quantization}`;
  return {
    name,
    variant: toVariant(MODEL, { quantization, arch: "amd64" }),
    image: { reference: name, arch: "amd64", memory: 1024, function: "embed" },
    emulated: false,
    unpacked: 10,
    layers: new Map([["sha256:a", 5]]),
    accuracy: { metric: "cosine", value: 1 },
    cell: {
      function: "embed",
      os: "debian",
      arch: "amd64",
      model: MODEL.name,
      task: MODEL.spec.task,
      quantization,
      reference: name,
      configDigest: name,
      ...rest,
    },
  };
}

const OPTIONS = {
  docker: undefined as never,
  signal: new AbortController().signal,
  secrets: [],
  models: async () => ({}),
};

test("the session is measured once for each format, in the image of the first cell, and has no size of its own", async () => {
  const cells = [cellOf("fp32"), cellOf("fp32", { os: "alpine" }), cellOf("int8")];
  const found = await baselineCells(["session", "session"], cells, OPTIONS);
  expect(found.map(({ name, image, cell }) => [name, image.reference, cell.os, cell.baseline])).toEqual([
    ["session fp32", "debian-amd64-fp32", "debian", "session"],
    ["session int8", "debian-amd64-int8", "debian", "session"],
  ]);
  for (const { layers, accuracy } of found) expect({ size: layers.size, accuracy }).toEqual({ size: 0 });
  const { command, env } = found[0]?.program?.({ memory: 1770, input: { tokens: 9999, batch: 4 } }) ?? {};
  expect(command?.slice(0, 2)).toEqual(["/usr/local/bin/node", "--eval"]);
  const tokens = MODEL?.spec.maxTokens ?? 9999;
  expect(JSON.parse(env?.["BASELINE"] ?? "")).toEqual({ model: MODEL?.name, texts: 4, tokens, threads: 2 });
});

test("of several functions each baseline has a name of its own, as cells have", async () => {
  const cells = [cellOf("fp32"), cellOf("fp32", { function: "search" })];
  const found = await baselineCells(["session"], cells, OPTIONS);
  expect(found.map(({ name }) => name)).toEqual(["embed session fp32", "search session fp32"]);
});

test("beside emulated cells nothing is measured", async () => {
  expect(await baselineCells(["session"], [{ ...cellOf("fp32"), emulated: true }], OPTIONS)).toEqual([]);
});

test.each(BASELINES)("the baseline %s is refused for a task that it is not made for", async (name) => {
  const { variant, ...cell } = cellOf("fp32");
  const other = { ...variant, spec: { ...variant.spec, task: "text-generation" as const } };
  await expect(baselineCells([name], [{ ...cell, variant: other }], OPTIONS)).rejects.toThrow(
    `There is no baseline ${name} for ${variant.name}, whose task is text-generation`,
  );
});

test("transformers.js is refused for a model without the settings of its tokenizer", async () => {
  const { variant, ...cell } = cellOf("fp32");
  const { "tokenizer_config.json": _, ...files } = variant.spec.files;
  const without = { ...variant, spec: { ...variant.spec, files } };
  await expect(baselineCells(["transformers.js"], [{ ...cell, variant: without }], OPTIONS)).rejects.toThrow(
    `The baseline transformers.js needs tokenizer_config.json, and ${variant.name} does not have it`,
  );
});

test("the session is for tasks whose texts are a row of the graph's input each", async () => {
  const { variant, ...cell } = cellOf("fp32");
  const found = (task: "token-classification" | "zero-shot-classification") =>
    baselineCells(
      ["session"],
      [{ ...cell, variant: { ...variant, spec: { ...variant.spec, task } } }],
      OPTIONS,
    );
  expect(await found("token-classification")).toHaveLength(1);
  await expect(found("zero-shot-classification")).rejects.toThrow("There is no baseline session");
});

const SAME = [
  ["vectors that are near", "fp32", [0.1, 0.2], [0.101, 0.2]],
  ["a quantized cell's, which may be other numbers", "int8", [0.1, 0.2], [0.9, 0.2]],
  [
    "classes in another order",
    "fp32",
    [
      [
        { label: "B", score: 0.5 },
        { label: "A", score: 0.5 },
      ],
    ],
    [
      [
        { label: "A", score: 0.5 },
        { label: "B", score: 0.5 },
      ],
    ],
  ],
] as const;
test.each(SAME)("the same work: %s", (_, quantization, answer, expected) => {
  requireSameWork(JSON.stringify(answer), JSON.stringify(expected), cellOf(quantization));
});

const OTHER = [
  ["a number far away", "fp32", [0.1, 0.2], [0.2, 0.2]],
  ["fewer numbers", "int8", [0.1], [0.2, 0.2]],
  ["another form", "int8", [[0.1]], [0.1]],
  ["other classes", "fp32", [[{ label: "A", score: 1 }]], [[{ label: "B", score: 1 }]]],
] as const;
test.each(OTHER)("not the same work: %s", (_, quantization, answer, expected) => {
  const check = () => requireSameWork(JSON.stringify(answer), JSON.stringify(expected), cellOf(quantization));
  expect(check).toThrow(UserError);
  expect(check).toThrow(`It does not answer as debian-amd64 ${quantization} does: answer`);
});

test("an answer that is no JSON is a fault of its line, and does not end the run", () => {
  const check = () => requireSameWork("<html>", "[0.1]", cellOf("fp32"));
  expect(check).toThrow(UserError);
  expect(check).toThrow("It answers with no JSON: <html>");
});
