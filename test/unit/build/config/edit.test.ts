import { describe, expect, test } from "vitest";
import { addFunction } from "../../../../build/config/edit.ts";
import { refusal } from "../../../support/refusal.ts";

const TWO = { name: "two", model: "b", fields: {} };

describe("a function that is added to mkimage.json", () => {
  test.each([
    {
      what: "on a line of its own, with comments",
      text: '{\n\t// the matrix\n\t"os": ["alpine"], /* small */\n\t"functions": {\n\t\t"one": { "model": "a" } // first\n\t}\n}\n',
      gives:
        '{\n\t// the matrix\n\t"os": ["alpine"], /* small */\n\t"functions": {\n\t\t"one": { "model": "a" },\n\t\t"two": { "model": "b" } // first\n\t}\n}\n',
    },
    {
      what: "in one line",
      text: '{"functions":{"one":{"model":"a"}},"arch":["arm64"]}',
      gives: '{"functions":{"one":{"model":"a"}, "two": { "model": "b" }},"arch":["arm64"]}',
    },
    {
      what: "with the line ends of Windows",
      text: '{\r\n  "functions": {\r\n    "one": { "model": "a" }\r\n  }\r\n}\r\n',
      gives:
        '{\r\n  "functions": {\r\n    "one": { "model": "a" },\r\n    "two": { "model": "b" }\r\n  }\r\n}\r\n',
    },
  ])("leaves the rest as it is written: $what", ({ text, gives }) => {
    expect(addFunction(text, TWO)).toBe(gives);
  });

  test("replaces one of its name only when it may", async () => {
    const text = '{ "functions": { "two": { "model": "a" } } }';
    expect(await refusal(() => addFunction(text, TWO))).toMatchObject({
      exitCode: 2,
      hint: expect.stringContaining("--force"),
    });
    expect(JSON.parse(addFunction(text, TWO, { force: true }))).toEqual({
      functions: { two: { model: "b" } },
    });
  });

  test("makes the file where there is none, with what is not the default", () => {
    expect(addFunction(undefined, { ...TWO, fields: { os: ["alpine"] } })).toBe(
      '{\n  "os": [\n    "alpine"\n  ],\n  "functions": {\n    "two": {\n      "model": "b"\n    }\n  }\n}\n',
    );
  });

  test.each([
    { text: "{", says: "is not JSON" },
    { text: '{"functions":{}}', says: "expected at least one function" },
    { text: '{"functions":{"one":{"model":"a"}},"sise":1}', says: "sise" },
  ])("is refused for a file that is no configuration: $text", async ({ text, says }) => {
    const error = await refusal(() => addFunction(text, TWO));
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(says) });
  });

  test("has a name that Lambda takes", async () => {
    expect((await refusal(() => addFunction(undefined, { ...TWO, name: "a.b" }))).message).toContain(
      "functions",
    );
  });
});
