import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { limitOf, readText, TEXT_LIMIT } from "../../../../build/files/limits.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

test("texts have a limit that is far below that of other files", () => {
  for (const text of ["config.json", "a/chat_template.jinja", "vocab.txt"])
    expect(limitOf(text)).toBe(TEXT_LIMIT);
  for (const file of ["model.onnx", "model.onnx_data", "json"]) expect(limitOf(file)).toBe(10e9);
});

test("a text is read whole, in any language, and with its mark", async () => {
  const text = `\uFEFF${"é\u{1f600}".repeat(50_000)}`;
  const folder = await temporaryFolder({ text });
  expect(await readText(join(folder, "text"))).toBe(text);
});

test("one above the limit is refused by the name it is known by", async () => {
  const folder = await temporaryFolder({ text: "" });
  await truncate(join(folder, "text"), 3e9);
  expect(await refusal(() => readText(join(folder, "text"), "config.json"))).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining("config.json is larger than 128 MB"),
  });
});

test("one without an end is refused too", async () => {
  expect((await refusal(() => readText("/dev/zero"))).exitCode).toBe(2);
});
