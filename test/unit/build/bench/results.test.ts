import { join } from "node:path";
import { expect, test } from "vitest";
import { readResults } from "../../../../build/bench/results.ts";
import { makeResults, resultLines } from "../../../support/bench-results.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const [line] = makeResults({ os: ["alpine"], arch: ["arm64"], quantization: ["int8"], memory: [1024] });
const read = async (text: string) =>
  readResults(join(await temporaryFolder({ "results.jsonl": text }), "results.jsonl"));

test("lines are read as they were written, and empty ones are none", async () => {
  expect(await read(`\n${resultLines([line as never])}\n`)).toEqual([line]);
});

test.each([
  [JSON.stringify({ ...line, version: 0 }), /results\.jsonl:1 has version 0, which no mkimage has written/],
  [JSON.stringify({ ...line, version: 2 }), /results\.jsonl:1 has version 2, and this mkimage reads up to 1/],
  [JSON.stringify({ ...line, memoryMB: "1024" }), /results\.jsonl:1.*\n.*memoryMB/],
  ["{", /results\.jsonl:1/],
])("a line that is not valid is named: %.30s", async (text, message) => {
  await expect(read(text)).rejects.toThrow(message);
});
