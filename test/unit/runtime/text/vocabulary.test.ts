import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { hashOf, readVocabulary, Vocabulary } from "../../../../runtime/text/vocabulary.ts";

/** As images/model/vocabulary.py makes it, of the given number of slots. */
function tableOf(tokens: readonly string[], count: number): Uint32Array {
  const slots = new Uint32Array(count);
  const starts = [0];
  for (const [id, token] of tokens.entries()) {
    let slot = hashOf(token) % count;
    while (slots[slot]) slot = (slot + 1) % count;
    slots[slot] = id + 1;
    starts.push((starts.at(-1) ?? 0) + token.length + 1);
  }
  return Uint32Array.from([count, ...slots, ...starts]);
}

// Of the reference implementation.
test.each([
  ["", 0x811c9dc5],
  ["a", 0xe40c292c],
  ["foobar", 0xbf9cf968],
])("the hash of %j is FNV-1a", (text, hash) => {
  expect(hashOf(text)).toBe(hash);
});

describe("a vocabulary", () => {
  const tokens = ["[UNK]", "the", "##s", "東京", "é", "😀", "a b", ""];
  const open = (size = 16) => new Vocabulary(tokens.join("\n"), tableOf(tokens, size));

  test.each([16, 64])("knows its tokens and no others, in a table of %i slots", (size) => {
    const vocabulary = open(size);
    expect(tokens.map((token) => vocabulary.get(token))).toEqual(tokens.map((_, id) => id));
    for (const other of ["The", "th", "##", "東", "[MASK]"]) {
      expect([vocabulary.get(other), vocabulary.has(other)]).toEqual([undefined, false]);
    }
  });

  test("takes tokens that are added, new or under another id", () => {
    const vocabulary = open();
    vocabulary.set("[NEW]", 8);
    vocabulary.set("the", 9);
    vocabulary.set("##s", 2);
    expect(["[NEW]", "the", "##s"].map((token) => vocabulary.get(token))).toEqual([8, 9, 2]);
    expect(vocabulary.tokens).toEqual([...tokens, "[NEW]", "the"]);
  });

  test("knows a token whose id is given to another, as a Map does", () => {
    const vocabulary = open();
    for (const token of ["<tool>", "<other>"]) vocabulary.set(token, 3);
    expect(["東京", "<tool>", "<other>", "é"].map((token) => vocabulary.get(token))).toEqual([3, 3, 3, 4]);
    expect(vocabulary.tokens[3]).toBe("<other>");
    vocabulary.set("東京", 3);
    expect(vocabulary.tokens[3]).toBe("東京");
    expect(vocabulary.tokens).toHaveLength(tokens.length);
  });
});

test("is read from beside tokenizer.json, and is none where nothing is", () => {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-vocabulary-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "tokenizer.json");
  expect(readVocabulary(path)).toBeUndefined();
  const tokens = ["[UNK]", "naïve", "東京"];
  writeFileSync(`${path}.tokens`, tokens.join("\n"));
  writeFileSync(`${path}.table`, tableOf(tokens, 8));
  expect(tokens.map((token) => readVocabulary(path)?.get(token))).toEqual([0, 1, 2]);
});
