import { join } from "node:path";
import { expect, test } from "vitest";
import { toBaselineFile } from "../../../../build/bake/baseline.ts";
import { toVariant } from "../../../../build/plan/variant.ts";
import { FACTS } from "../../../support/plan-facts.ts";

const [MODEL] = Object.values(FACTS.models);
const OPTIONS = { root: "/tool", reference: "mkimage/x:y", label: { is: "it" }, output: ["type=docker"] };

function targetOf(name: "transformers.js" | "python", secrets?: string[]) {
  if (!MODEL) throw new Error("there is no model");
  const variant = toVariant(MODEL, { quantization: "int8", arch: "arm64" });
  return toBaselineFile(name, variant, { ...OPTIONS, ...(secrets && { secrets }) }).target["baseline"];
}

test("a baseline is made of the model's files as they were fetched, for the cells' architecture", () => {
  const target = targetOf("transformers.js");
  expect(target).toMatchObject({
    context: join("/tool", "images", "baseline-transformers"),
    contexts: { files: MODEL?.dir },
    platforms: ["linux/arm64"],
    tags: ["mkimage/x:y"],
    labels: { is: "it" },
  });
  expect(target).not.toHaveProperty("secret");
  expect(JSON.parse(target?.args?.["SETTINGS"] ?? "")).toEqual({
    task: MODEL?.spec.task,
    maxTokens: expect.any(Number),
    pooling: expect.any(String),
    normalize: expect.any(Boolean),
  });
});

test("Python's is on AWS's base image, with the packages' secrets and the installer of the models' stage", () => {
  expect(targetOf("python", ["id=pip"])).toMatchObject({
    contexts: { install: join("/tool", "images", "model") },
    args: { BASE: "public.ecr.aws/lambda/python:3.13" },
    secret: ["id=pip"],
  });
});
