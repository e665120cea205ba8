import { expect, test } from "vitest";
import { z } from "zod";
import { explainIssues } from "../../../../build/files/json-issues.ts";

const schema = z.strictObject({
  memory: z.int().min(128).max(10240),
  ratio: z.number().positive().optional(),
  share: z.number().min(0).optional(),
  name: z.string().min(3).optional(),
  tags: z.record(z.string(), z.strictObject({ colour: z.enum(["red", "green"]) })).optional(),
  pooling: z.union([z.enum(["cls", "mean"]), z.array(z.enum(["cls", "mean"])).min(1)]).optional(),
  place: z.union([z.string(), z.strictObject({ source: z.string() })]).optional(),
});
const GOOD = { memory: 512 };

test.each([
  { value: { memory: 64 }, says: "must be from 128 to 10240, not 64" },
  { value: { memory: 1e9 }, says: "must be from 128 to 10240, not 1000000000" },
  { value: { memory: "512" }, says: 'expected a number, not "512"' },
  { value: {}, says: "missing: expected a number" },
  { value: { ...GOOD, ratio: 0 }, says: "must be above 0, not 0" },
  { value: { ...GOOD, share: -1 }, says: "must be at least 0, not -1" },
  { value: { ...GOOD, name: "ab" }, says: "must have at least 3 characters" },
  { value: { ...GOOD, memroy: 1 }, says: 'unknown field "memroy" (did you mean "memory"?)' },
  { value: { ...GOOD, tags: { a: { color: "red" } } }, says: "missing: expected red, green" },
  {
    value: { ...GOOD, tags: { a: { colour: "rde" } } },
    says: '"rde" is not one of red, green (did you mean "red"?)',
  },
  { value: { ...GOOD, pooling: [] }, says: "must not be empty" },
  { value: { ...GOOD, pooling: ["mena"] }, says: '0: "mena" is not one of cls, mean (did you mean "mean"?)' },
  {
    value: { ...GOOD, place: { sourc: "x" } },
    says: 'source: missing: expected a string, unknown field "sourc" (did you mean "source"?)',
  },
  { value: { ...GOOD, place: 3 }, says: "expected a string or an object, not 3" },
  { value: null, says: "expected an object, not null" },
])("$value: $says", ({ value, says }) => {
  const { error } = schema.safeParse(value);
  const [first] = explainIssues(error?.issues ?? [], { schema, value });
  expect(first?.slice(first.indexOf(": ") + 2)).toBe(says);
});

test.each([
  {
    what: "entries",
    value: { ...GOOD, tags: Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [i, 1])) },
  },
  {
    what: "unknown fields",
    value: { ...GOOD, ...Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [i, 1])) },
  },
  { what: "letters in a name", value: { ...GOOD, ["x".repeat(1e6)]: 1 } },
])("50,000 faulty $what are told in bounded time and text", ({ what, value }) => {
  const begun = performance.now();
  const { error } = schema.safeParse(value);
  const text = explainIssues(error?.issues ?? [], { schema, value }).join("\n");
  expect(text.length).toBeLessThan(3000);
  if (what !== "letters in a name") expect(text).toMatch(/and 49980 more$/);
  expect(performance.now() - begun).toBeLessThan(3000);
});
