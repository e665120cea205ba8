import { expect, test } from "vitest";
import { z } from "zod";
import { checkJson, parseJson, stringify } from "../../../build/json.ts";
import { refusal } from "../../support/refusal.ts";

const schema = z.strictObject({
  name: z.string(),
  list: z.array(z.enum(["a", "b"])).default(["a"]),
  table: z.record(z.string().regex(/^[a-z]+$/, "expected lower-case letters"), z.int()).optional(),
});

test("text that is not JSON is refused with the file and the parser's own words", async () => {
  const error = await refusal(() => parseJson('{ "a": 1,, }', "/p/mkimage.json"));
  expect(error.exitCode).toBe(2);
  expect(error.message).toMatch(/^\/p\/mkimage\.json is not JSON: .*position 9/);
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
    "  name: missing: expected string",
    '  list.1: Invalid option: expected one of "a"|"b"',
    "  table.ok: Invalid input: expected int, received number",
    '  (top level): Unrecognized key: "more"',
  ]);
});

test("a name that a table does not take is said with what was expected of it", async () => {
  const error = await refusal(() => checkJson(schema, { name: "x", table: { "A 1": 1 } }, "f.json"));
  expect(error.message).toContain("  table.A 1: expected lower-case letters");
});

test("a table is an object", async () => {
  const error = await refusal(() => checkJson(schema, { name: "x", table: 3 }, "f.json"));
  expect(error.message).toContain("  table: Invalid input: expected object, received number");
});

test("a value of another kind is refused at the top level", async () => {
  expect((await refusal(() => checkJson(schema, [], "f.json"))).message).toContain(
    "(top level): Invalid input",
  );
});

test("committed JSON has two spaces, the given order and a final newline", () => {
  expect(stringify({ b: [1], a: "é" })).toBe('{\n  "b": [\n    1\n  ],\n  "a": "é"\n}\n');
});
