import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { readResults } from "../../../../build/bench/results.ts";
import { appendResult } from "../../../../build/bench/turns.ts";
import { makeResults, resultLines } from "../../../support/bench-results.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

const [line] = makeResults({ os: ["alpine"], arch: ["arm64"], quantization: ["int8"], memory: [1024] });
const read = async (text: string) =>
  readResults(join(await temporaryFolder({ "results.jsonl": text }), "results.jsonl"));

test("lines are read as they were written, and empty ones are none", async () => {
  expect(await read(`\n${resultLines([line as never])}\n`)).toEqual([line]);
});

test("a line that breaks off is left out with a note, and the next one does not continue it", async () => {
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const whole = resultLines([line as never]);
  const folder = await temporaryFolder({ "results.jsonl": `${whole}${whole.slice(0, 300)}` });
  const file = join(folder, "results.jsonl");
  expect(await readResults(file)).toEqual([line]);
  await appendResult(file, line as never);
  await appendResult(file, line as never);
  expect(await readResults(file)).toEqual([line, line, line]);
  expect(said.mock.calls.join()).toContain("results.jsonl:2 breaks off and is left out");
});

test.each([
  [JSON.stringify({ ...line, version: 0 }), /results\.jsonl:1 has version 0, which no mkimage has written/],
  [JSON.stringify({ ...line, version: 2 }), /results\.jsonl:1 has version 2, and this mkimage reads up to 1/],
  [JSON.stringify({ ...line, memoryMB: "1024" }), /results\.jsonl:1.*\n.*memoryMB/],
  [JSON.stringify({ ...line, memoryMB: 1e308 }), /results\.jsonl:1.*\n.*memoryMB/],
  ["{", /results\.jsonl:1/],
])("a line that is not valid is named: %.30s", async (text, message) => {
  await expect(read(text)).rejects.toThrow(message);
});

test("a file that is none of results is refused with what to do", async () => {
  const error = await refusal(() => read("{\n}"));
  expect(error.message).toMatch(/results\.jsonl:1 is not JSON/);
  expect(error.hint).toContain("check that it is their file");
});
