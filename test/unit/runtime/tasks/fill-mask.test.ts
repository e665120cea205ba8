import { expect, test } from "vitest";
import { textTokenizer } from "../../../../runtime/tokenizer/tokenizer.ts";
import { graphOf } from "../../../support/tiny-model.ts";
import { TINY_TOKENIZER } from "../../../support/tiny-tokenizer.ts";
import { taskWith } from "./run.ts";

/** The tiny vocabulary has no mask token: its [UNK] stands for one. */
const tokenizer = textTokenizer(TINY_TOKENIZER, { mask_token: "[UNK]" });
const graph = graphOf({ logits: (_, position) => [0, 0, 0, 0, 3, position === 1 ? 5 : 1, 2, 0] });
const { run, check, warmUp } = taskWith("fill-mask", graph, { tokenizer });
const brief = (reply: unknown) =>
  (reply as { token_str: string; sequence: string }[]).map((one) => [one.token_str, one.sequence]);

test("the best tokens with the text they make", async () => {
  expect(await run({ inputs: "[UNK] c", parameters: { top_k: 1 } })).toEqual([
    { score: expect.any(Number), token: 5, token_str: "b", sequence: "b c" },
  ]);
  expect(await run({ inputs: "a [UNK]" })).toHaveLength(5);
});

test("several masks: a list for each, the others left in the text", async () => {
  const reply = (await run({ inputs: "[UNK] c [UNK]", parameters: { top_k: 1 } })) as unknown[];
  expect(reply.map(brief)).toEqual([[["b", "[CLS] b c [UNK] [SEP]"]], [["a", "[CLS] [UNK] c a [SEP]"]]]);
});

test("targets are the only ones ranked; a list gives lists", async () => {
  const parameters = { targets: ["a", "c", "bd", "a"] };
  expect(brief(await run({ inputs: "c [UNK]", parameters }))).toEqual([
    ["a", "c a"],
    ["c", "c c"],
    ["b", "c b"],
  ]);
  expect(await run({ inputs: ["[UNK]", "a [UNK]"], parameters })).toHaveLength(2);
});

test("a text without a mask is the caller's mistake", async () => {
  await expect(run({ inputs: ["[UNK]", "a"] })).rejects.toThrow("inputs[1]: there is no [UNK] in it");
});

test("it warms up, and needs a mask token", async () => {
  check();
  await warmUp();
  expect(() => taskWith("fill-mask", graph).check()).toThrow("no mask token");
});
