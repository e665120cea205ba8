import { expect, test } from "vitest";
import { tinyGraph } from "../../../support/tiny-model.ts";
import { taskWith } from "./run.ts";

const { run, check, warmUp } = taskWith("sentence-similarity", tinyGraph());

test("the source with each sentence, in their order", async () => {
  const inputs = { source_sentence: "a b", sentences: ["a b", "c c c"] };
  const [same, other] = (await run({ inputs })) as number[];
  expect(same).toBeCloseTo(1);
  expect(other).toBeLessThan(same ?? 0);
  expect(await run({ inputs: [inputs, { ...inputs, sentences: ["a b"] }] })).toEqual([[same, other], [same]]);
});

test("the field at fault is named", async () => {
  await expect(run({ inputs: { source_sentence: "a", sentences: [] } })).rejects.toThrow(
    "inputs.sentences: the list is empty",
  );
  await expect(run({ inputs: "a" })).rejects.toThrow(
    "inputs: expected an object {source_sentence, sentences}",
  );
  const long = { source_sentence: "a", sentences: ["a", "a ".repeat(99)] };
  await expect(run({ inputs: [long], truncate: false })).rejects.toThrow(
    "inputs[0].sentences[1]: 101 tokens",
  );
});

test("it warms up", async () => {
  check();
  await warmUp();
});
