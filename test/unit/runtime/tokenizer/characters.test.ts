import { expect, test } from "vitest";
import { charactersIn, slicer, unitsIn } from "../../../../runtime/tokenizer/characters.ts";

const TEXTS = ["", "abc", "a😀b𝔘", "\ud83d", "a\ude00\ud83db", "\ud83d\ud83d\ude00"];

test.each(TEXTS)("characters and units of %j are counted as by iterating", (text) => {
  const characters = [...text];
  expect(charactersIn(text, text.length)).toBe(characters.length);
  for (const i of characters.keys()) {
    const units = characters.slice(0, i).join("").length;
    expect(unitsIn(text, i)).toBe(units);
    expect(charactersIn(text, units)).toBe(i);
  }
  expect(unitsIn(text, 100)).toBe(text.length);
});

test("parts are taken by their characters, within one part of the text", () => {
  const slice = slicer("ab😀cd😀e", { start: 2, end: 6 });
  expect(slice({ start: 2, end: 3 })).toBe("😀");
  expect(slice({ start: 3, end: 6 })).toBe("cd😀");
  expect(slice({ start: 0, end: 3 })).toBe("😀");
});
