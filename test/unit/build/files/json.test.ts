import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { checkJson, parseJson, readProjectJson, stringify } from "../../../../build/files/json.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

const schema = z.strictObject({
  name: z.string(),
  list: z.array(z.enum(["a", "b"])).default(["a"]),
  table: z.record(z.string().regex(/^[a-z]+$/, "expected lower-case letters"), z.int()).optional(),
});

test.each([
  { text: '{\n "a": 1,, }', says: "PropertyNameExpected at line 2, column 9" },
  { text: '{"a": secret}', says: "InvalidSymbol at line 1, column 7" },
  { text: "", says: "ValueExpected at line 1, column 1" },
  { text: '{"a": 1} // secret', says: "InvalidCommentToken at line 1, column 10" },
  { text: '["secret",]', says: "ValueExpected at line 1, column 11" },
  { text: '"\t"', says: "InvalidCharacter at line 1, column 1" },
])("$text is refused with the file and the place, and no piece of it is shown", async ({ text, says }) => {
  const error = await refusal(() => parseJson(text, "/p/mkimage.json"));
  expect(error).toMatchObject({ exitCode: 2, message: `/p/mkimage.json is not JSON: ${says}` });
});

describe("in a file of the project", () => {
  const read = async (text: string) => {
    const folder = await temporaryFolder({ "f.json": text });
    return readProjectJson(z.unknown(), join(folder, "f.json"));
  };

  test.each([
    { text: '{"a":1,\n "a":2}', says: 'the name "a" at line 2, column 2, a second time in one object' },
    {
      text: '[{"b":{"a":1,"c":[{}],"\\u0061":2}}]',
      says: 'the name "a" at line 1, column 23, a second time',
    },
    { text: '\uFEFF{"__proto__":{}}', says: 'the name "__proto__" at line 1, column 2, which is reserved' },
  ])("$text is refused with the place", async ({ text, says }) => {
    const error = await refusal(() => read(text));
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(`f.json has ${says}`) });
  });

  test("one name in several objects is fine, and so are the names of an object's own methods", async () => {
    const text = '{"a":{"a":1},"b":[{"a":1},{"a":2}],"constructor":1,"toString":2}';
    expect(await read(text)).toEqual(JSON.parse(text));
  });

  test("one that is not there is undefined, and a folder is refused", async () => {
    const folder = await temporaryFolder();
    expect(await readProjectJson(z.unknown(), join(folder, "none.json"))).toBeUndefined();
    expect((await refusal(() => readProjectJson(z.unknown(), folder))).exitCode).toBe(2);
  });
});

test("a byte order mark before it is no part of it, and another encoding is named", async () => {
  expect(parseJson('\uFEFF{"a":1}', "f.json")).toEqual({ a: 1 });
  const utf16 = Buffer.from('\uFEFF{"a":1}', "utf16le").toString("utf8");
  expect((await refusal(() => parseJson(utf16, "f.json"))).hint).toContain("UTF-16");
});

test("a value is returned with its defaults filled in", () => {
  expect(checkJson(schema, { name: "x" }, "f.json")).toEqual({ name: "x", list: ["a"] });
});

test("every path at fault is listed with what was expected there", async () => {
  const error = await refusal(() =>
    checkJson(schema, { list: ["a", "c"], table: { ok: 1.5 }, more: 1 }, "f.json"),
  );
  expect(error.exitCode).toBe(2);
  expect(error.message.split("\n")).toEqual([
    "f.json is not valid",
    "  name: missing: expected a string",
    '  list.1: "c" is not one of a, b',
    "  table.ok: expected a whole number, not 1.5",
    '  (top level): unknown field "more"',
  ]);
});

test("a name that a table does not take is said with what was expected of it", async () => {
  const error = await refusal(() => checkJson(schema, { name: "x", table: { "A 1": 1 } }, "f.json"));
  expect(error.message).toContain("  table.A 1: expected lower-case letters");
});

test.each([
  { what: "whole", text: `${"[".repeat(200_000)}${"]".repeat(200_000)}` },
  { what: "cut short", text: '{"a":'.repeat(200_000) },
])("nested 200,000 levels deep, $what: refused, no overflow of the stack", async ({ text }) => {
  const error = await refusal(() => parseJson(text, "f.json"));
  expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining("deeper than 500 levels") });
});

test("signs of lists within a text are no levels", () => {
  const value = { a: `\\"${"[{".repeat(1000)}` };
  expect(parseJson(JSON.stringify(value), "f.json")).toEqual(value);
});

test("a table is an object", async () => {
  const error = await refusal(() => checkJson(schema, { name: "x", table: 3 }, "f.json"));
  expect(error.message).toContain("  table: expected an object, not 3");
});

test("a value of another kind is refused at the top level", async () => {
  expect((await refusal(() => checkJson(schema, [], "f.json"))).message).toContain(
    "(top level): expected an object, not a list",
  );
});

test("committed JSON has two spaces, the given order and a final newline", () => {
  expect(stringify({ b: [1], a: "é" })).toBe('{\n  "b": [\n    1\n  ],\n  "a": "é"\n}\n');
});
