import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { names, QUANTIZATIONS } from "../../../../build/catalog.ts";
import { COMMANDS } from "../../../../build/commands/index.ts";
import { configSchema } from "../../../../build/config/config-file.ts";
import { documents, outdated } from "../../../../build/docs/index.ts";
import { modelSpec } from "../../../../models/spec.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const ROOT = resolve(import.meta.dirname, "../../../..");

test("the committed references are current; otherwise: npm run docs", async () => {
  expect(await outdated(ROOT, await documents())).toEqual([]);
});

test("a reference that is missing or differs is not current", async () => {
  const folder = await temporaryFolder({ "docs/a.md": "old", "docs/b.md": "same" });
  const generated = { "docs/a.md": "new", "docs/b.md": "same", "docs/c.md": "missing" };
  expect(await outdated(folder, generated)).toEqual(["docs/a.md", "docs/c.md"]);
});

test("generating twice gives the same bytes", async () => {
  expect(await documents()).toEqual(await documents());
});

test("every command has a section", async () => {
  const text = (await documents())["docs/cli.md"] ?? "";
  const sections = [...text.matchAll(/^## mkimage (\S+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(COMMANDS.map(({ command }) => command.split(" ")[0]));
});

test("every field of mkimage.json and of a model's spec has a row with a sentence", async () => {
  const text = (await documents())["docs/configuration.md"] ?? "";
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  const paths = rows.map((row) => /^\| `([^`]+)`/.exec(row)?.[1]);
  const fields = [...Object.keys(configSchema.shape), ...Object.keys(modelSpec.shape)];
  expect(paths).toEqual(expect.arrayContaining(fields));
  expect(paths).toEqual(
    expect.arrayContaining(["functions.<name>.model", "files.<name>.path", "samples[].expected"]),
  );
  expect(rows.filter((row) => !/\.`? \|$/.test(row))).toEqual([]);
});

test("a field of one form of a union is required in this form; a range needs no end", async () => {
  const text = (await documents())["docs/configuration.md"] ?? "";
  expect(text).toContain("| `samples[].inputs.question` | string | required in `{ question, context }` |");
  expect(text).toContain("| `samples[].inputs.text_pair` | string |  |");
  expect(text).toContain("| `gate.kl` | number of at least 0 |");
  expect(text).not.toContain("undefined");
});

test("every number format has a row that says when to take it and how it is made", async () => {
  const text = (await documents())["docs/quantization.md"] ?? "";
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  expect(rows.map((row) => /^\| `([^`]+)`/.exec(row)?.[1])).toEqual(names(QUANTIZATIONS));
  for (const row of rows) expect(row.split(" | ")[2]).toMatch(/^[A-Z].*\.$/);
  expect(rows.find((row) => row.startsWith("| `int8` "))).toContain(
    "arm64: 8 bits, a scale for each column; amd64: 7 bits",
  );
});

test("no reference names a folder of this machine", async () => {
  expect(JSON.stringify(await documents())).not.toContain(ROOT);
});

test("schemas refuse unknown fields and ask for what has no default, as the tool does", async () => {
  const schema = JSON.parse(await readFile(join(ROOT, "docs/mkimage.schema.json"), "utf8"));
  expect(schema).toMatchObject({ additionalProperties: false, required: ["functions"] });
  expect(schema.properties.functions.additionalProperties).toMatchObject({
    additionalProperties: false,
    properties: { model: {}, models: {} },
  });
  const spec = JSON.parse(await readFile(join(ROOT, "models/spec.schema.json"), "utf8"));
  expect(spec).toMatchObject({
    additionalProperties: false,
    required: expect.arrayContaining(["task", "files"]),
  });
});
