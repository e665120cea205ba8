import { expect, test } from "vitest";
import { buildCommand, commandFor } from "../../../../build/plan/build-command.ts";

const CELL = { function: "embed", os: "alpine", arch: "arm64", quantization: "fp32" } as const;

test("it names the cell, and nothing that was not asked for", () => {
  const command = "mkimage build --function embed --os alpine --arch arm64 --quantization fp32";
  expect(buildCommand({}, CELL)).toBe(command);
  expect(buildCommand({ os: ["alpine", "debian"], function: "embed" }, CELL)).toBe(command);
});

test("what decides the image or its name is said again, as a shell takes it", () => {
  const flags = {
    config: "my project/it's.json",
    model: "minilm",
    repository: "team/embed",
    base: ["alpine=alpine:3.22", "node=node:22"],
    imageVersion: "1.0",
    rie: false,
  };
  expect(buildCommand(flags, CELL)).toBe(
    "mkimage build --config 'my project/it'\\''s.json' --function embed --os alpine --arch arm64 --quantization fp32" +
      " --model minilm --repository team/embed --base alpine=alpine:3.22,node=node:22 --image-version 1.0 --no-rie",
  );
});

test("another command for the same image has its own words as well", () => {
  const command = buildCommand({ config: "a b.json" }, CELL);
  expect(commandFor({ command }, "test", ["--thorough", "--env-file", "my env"])).toBe(
    "mkimage test --config 'a b.json' --function embed --os alpine --arch arm64 --quantization fp32 --thorough --env-file 'my env'",
  );
});
