import { expect, test } from "vitest";
import { isControl } from "../../../../runtime/text/control.ts";

test("every character is what the tokenizer's own expression says", () => {
  const theirs = (character: string) =>
    !["\t", "\n", "\r"].includes(character) && /^[\p{Cc}\p{Cf}\p{Co}\p{Cs}]$/u.test(character);
  const wrong: string[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    if (isControl(character) !== theirs(character)) wrong.push(code.toString(16));
  }
  expect(wrong).toEqual([]);
});
