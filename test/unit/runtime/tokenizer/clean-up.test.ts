import fc from "fast-check";
import { expect, test } from "vitest";
import {
  cleansUpByDefault,
  settledLength,
  withoutArtifacts,
} from "../../../../runtime/tokenizer/clean-up.ts";
import { search } from "../fuzz/search.ts";

test.each([
  ["It do n't work , does it ?", "It don't work, does it?"],
  ["He 's here . They 've left ; we 're ' out '", "He's here. They've left ; we're'out '"],
  ["  .", " ."],
])("%s", (text, cleaned) => {
  expect(withoutArtifacts(text)).toBe(cleaned);
});

test("what is settled is cleaned up in the same way whatever follows", async () => {
  const part = fc.constantFrom(" ", "'", ".", ",", "n", "t", "s", "v", "e", "r", "m", "a", "?", "!");
  const text = fc.array(part, { maxLength: 9 }).map((parts) => parts.join(""));
  await search(
    fc.property(text, text, (before, after) => {
      const settled = before.slice(0, settledLength(before));
      expect(withoutArtifacts(before + after).startsWith(withoutArtifacts(settled))).toBe(true);
    }),
  );
});

test("no more is held back than may belong to an artifact", () => {
  expect(settledLength("a do n")).toBe("a do".length);
  expect(settledLength("a do nt")).toBe("a do nt".length);
  expect(settledLength("end. ")).toBe("end.".length);
});

test.each([
  { config: { clean_up_tokenization_spaces: true }, type: "WordPiece", cleans: true },
  { config: { clean_up_tokenization_spaces: true }, type: "BPE", cleans: false },
  { config: {}, type: "WordPiece", cleans: false },
])("$config of $type: $cleans", ({ config, type, cleans }) => {
  expect(cleansUpByDefault({ config, definition: { model: { type } } })).toBe(cleans);
});
