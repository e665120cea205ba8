import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { partNames, toBakeFile } from "../../../../build/bake/bake.ts";
import { ARCHES, names, OSES, QUANTIZATIONS, type QuantizationRow } from "../../../../build/catalog.ts";
import { makePlan } from "../../../../build/plan/plan.ts";
import { toVariant, variantNotes } from "../../../../build/plan/variant.ts";
import { TOOL_ROOT } from "../../../../build/tool-root.ts";
import { configOf, FACTS } from "../../../support/plan-facts.ts";

const SEVERAL = { functions: { both: { models: ["minilm", "bge-small.en"] } }, os: ["alpine", "debian"] };
const OPTIONS = { root: "/root/of/mkimage", output: () => "type=docker" };
const MINILM = FACTS.models["minilm"] as (typeof FACTS.models)[string];

const planOf = async (file: unknown) => makePlan(await configOf(file), FACTS);

describe("a model in a number format", () => {
  test.each(names(QUANTIZATIONS))(
    "%s has one target for all architectures only if their recipes are equal",
    (quantization) => {
      const targets = names(ARCHES).map((arch) => toVariant(MINILM, { quantization, arch }).target);
      const { recipes }: QuantizationRow = QUANTIZATIONS[quantization];
      const recipesDiffer = JSON.stringify(recipes.amd64) !== JSON.stringify(recipes.arm64);
      expect(new Set(targets).size).toBe(recipesDiffer ? 2 : 1);
      expect(targets[0]).toBe(`model-minilm-${quantization}${recipesDiffer ? "-arm64" : ""}`);
    },
  );

  test("int8 leaves a bit free on amd64, where products may overflow, and uses all of them on arm64", () => {
    expect(QUANTIZATIONS.int8.recipes.amd64).toMatchObject({ perChannel: true, reduceRange: true });
    expect(QUANTIZATIONS.int8.recipes.arm64).toMatchObject({ perChannel: true, reduceRange: false });
  });

  test("is made once for all systems, functions and architectures that share it", async () => {
    const file = {
      functions: { a: { model: "minilm" }, b: { models: ["minilm"] } },
      quantization: ["fp32", "int8", "int4"],
    };
    const bake = toBakeFile(await planOf(file), OPTIONS);
    const models = Object.keys(bake.target).filter((name) => name.startsWith("model-"));
    expect(models.sort()).toEqual([
      "model-minilm-fp32",
      "model-minilm-int4",
      "model-minilm-int8-amd64",
      "model-minilm-int8-arm64",
    ]);
    expect(bake.group.default.targets).toHaveLength(2 * 3 * names(OSES).length * names(ARCHES).length);
  });

  test("is made with the row's recipe and the spec's gate", async () => {
    const bake = toBakeFile(
      await planOf({ functions: { a: { model: "minilm" } }, quantization: ["int8"] }),
      OPTIONS,
    );
    const { args = {}, contexts } = bake.target["model-minilm-int8-amd64"] ?? {};
    expect(JSON.parse(args["RECIPE"] ?? "")).toEqual(QUANTIZATIONS.int8.recipes.amd64);
    expect(JSON.parse(args["GATE"] ?? "")).toEqual({ kind: "embedding", limits: MINILM.spec.gate });
    expect(args).toMatchObject({ MODEL: "minilm", QUANTIZATION: "int8", PYTHON: "python:3.13-slim-trixie" });
    expect(contexts).toEqual({
      files: MINILM.dir,
      samples: MINILM.samples,
      verifier: "target:verifier",
    });
  });
});

describe("a function of several models", () => {
  test("has a layer for each of them, in the order of the file, below the runtime", async () => {
    const [image] = await planOf(SEVERAL);
    expect(image && partNames(image).slice(-4)).toEqual([
      "tokenizers",
      "model minilm",
      "model bge-small.en",
      "runtime",
    ]);
  });

  test("puts one on top of the other, and the first one is the default", async () => {
    const { target } = toBakeFile(await planOf(SEVERAL), OPTIONS);
    const top = "system-debian-arm64_model-minilm-fp32_model-bge-small_en-fp32";
    expect(target["both-debian-arm64"]).toMatchObject({
      contexts: { models: `target:${top}`, runtime: "target:runtime" },
      args: { MODEL: "minilm" },
    });
    expect(target[top]?.contexts).toEqual({
      below: "target:system-debian-arm64_model-minilm-fp32",
      model: "target:model-bge-small_en-fp32",
    });
    expect(target["system-debian-arm64_model-minilm-fp32"]?.contexts).toEqual({
      below: "target:system-debian-arm64",
      model: "target:model-minilm-fp32",
    });
  });

  test("names all of them in its labels", async () => {
    const [image] = await planOf(SEVERAL);
    expect(image?.labels).toMatchObject({
      "mkimage.model": "minilm",
      "mkimage.models": "minilm,bge-small.en",
      "org.opencontainers.image.description":
        "minilm (feature-extraction), bge-small.en (feature-extraction) for AWS Lambda, made by mkimage",
      "org.opencontainers.image.licenses": "Apache-2.0",
    });
  });
});

describe("labels of the gates", () => {
  test("are the limits that each model has kept: the default one's under their own names", async () => {
    const [image] = await planOf({ ...SEVERAL, quantization: ["int8"] });
    expect(image?.labels).toMatchObject({
      "mkimage.gate.cosine": String(MINILM.spec.gate.cosine),
      "mkimage.gate.bge-small.en.cosine": String(FACTS.models["bge-small.en"]?.spec.gate.cosine),
    });
  });

  test("say for weights that stay as they are that only the order of additions may differ", async () => {
    const [image] = await planOf(SEVERAL);
    expect(image?.labels).toMatchObject({ "mkimage.gate.cosine": "0.9999" });
  });
});

test("models are made with the ONNX Runtime and the tokenizers that run them", async () => {
  const requirements = await readFile(join(TOOL_ROOT, "images/model/requirements.txt"), "utf8");
  const runtime = JSON.parse(await readFile(join(TOOL_ROOT, "runtime/package.json"), "utf8"));
  expect(requirements).toContain(`\nonnxruntime==${runtime.dependencies["onnxruntime-node"]} `);
  expect(requirements).toContain(`\ntokenizers==${runtime.dependencies.tokenizers} `);
});

test("the baseline in Python has the packages that models are made with", async () => {
  const read = (part: string) => readFile(join(TOOL_ROOT, "images", part, "requirements.txt"), "utf8");
  const blocks = async (part: string) => (await read(part)).trim().split(/\n(?=[a-z])/);
  const own = await blocks("baseline-python");
  expect(own.length).toBeGreaterThan(3);
  expect(await blocks("model")).toEqual(expect.arrayContaining(own));
});

test("every package of the stage is pinned by a version and hashes", async () => {
  const requirements = await readFile(join(TOOL_ROOT, "images/model/requirements.txt"), "utf8");
  const blocks = requirements.split(/\n(?=[a-z])/).filter((block) => /^[a-z]/.test(block));
  expect(blocks.length).toBeGreaterThan(5);
  for (const block of blocks) expect(block).toMatch(/^[a-z0-9-]+==\S+ \\\n {4}--hash=sha256:[0-9a-f]{64}/);
});

test("a number format that saves only size says so, and others do not", () => {
  const notes = (quantization: "fp16" | "int8") =>
    variantNotes(toVariant(MINILM, { quantization, arch: "arm64" }));
  expect(notes("fp16")).toEqual([expect.stringMatching(/^it saves size, not time: /)]);
  expect(notes("int8")).toEqual([]);
});
