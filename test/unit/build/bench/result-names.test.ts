import { join } from "node:path";
import { expect, test } from "vitest";
import { readResults } from "../../../../build/bench/results.ts";
import { makeResults, resultLines } from "../../../support/bench-results.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

const made = () => makeResults({ os: ["alpine"], arch: ["arm64"], quantization: ["int8"], memory: [1024] });

async function read(change: object) {
  const lines = resultLines(made().map((each) => ({ ...each, cell: { ...each.cell, ...change } })));
  return readResults(join(await temporaryFolder({ "results.jsonl": lines }), "results.jsonl"));
}

test.each(["\ud800", "a\nb", "\u001b[2J", "=cmd|' /C calc'!A0", "__proto__", "", "a\u202eb"])(
  "a file of results whose names hold %j is refused with its line",
  async (name) => {
    for (const field of ["function", "os", "model", "task", "quantization", "baseline"]) {
      const error = await refusal(() => read({ [field]: name }));
      expect(error.exitCode).toBe(2);
      expect(error.message).toMatch(
        new RegExp(`results\\.jsonl:1 is not valid\n {2}cell\\.${field}: expected a name`),
      );
    }
  },
);

test.each(["amazonlinux", "transformers.js", "Modell für Sätze", "模型", "constructor"])(
  "%s is a name",
  async (name) => expect(await read({ model: name })).toHaveLength(made().length),
);
