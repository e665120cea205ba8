import { expect, test } from "vitest";
import { cautions, isOfFuture } from "../../../../build/bench/cautions.ts";
import type { Result } from "../../../../build/bench/results.ts";
import { makeResults, resultLines } from "../../../support/bench-results.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { mkimage } from "../../../support/mkimage.ts";
import { seriesFrom } from "../../../support/report.ts";

const ONE = { os: ["alpine"], quantization: ["int8"], memory: [1024] } as const;
const made = makeResults(ONE);
const [line] = makeResults({ ...ONE, os: ["debian"], arch: ["amd64"] }) as [Result];
const said = (...results: Result[]) =>
  cautions(
    seriesFrom(results).map(({ latest }) => latest),
    results,
  );
const ofRun = (run: Partial<Result["run"]>): Result => ({
  ...line,
  run: { ...line.run, id: "other", ...run },
});

test("two architectures of two machines are as they have to be; two machines of one cannot be compared", () => {
  expect(said(...made)).toEqual([]);
  expect(said(...made, ofRun({}))).toEqual([]);
  const machine = { ...line.run.machine, cpu: "Slow" };
  expect(said(...made, ofRun({ machine }))).toEqual([
    "The times of amd64 are of several machines, and cannot be compared: AMD EPYC 7R13 with 2 cores; Slow with 2 cores.",
  ]);
  expect(said(...made, { ...ofRun({ machine }), emulated: true })).toEqual([]);
});

test("cells of another lock or version are told; what has been measured again is not", () => {
  for (const run of [{ lockDigest: "sha256:other" }, { mkimage: "0.0.1" }])
    expect(said(...made, ofRun(run))).toEqual([
      expect.stringContaining("several states of models/lock.json"),
    ]);
  const older = { ...ofRun({ lockDigest: "sha256:other" }), measuredAt: "2020-01-01T00:00:00.000Z" };
  expect(said(...made, older, line)).toEqual([]);
});

test("a line of a clock that was years ahead is left out: it would be the newest for years", async () => {
  const ahead = { ...line, run: { ...line.run, id: "ahead" }, measuredAt: "2999-01-01T00:00:00.000Z" };
  expect([ahead, line].map((each) => isOfFuture(each, Date.parse(line.measuredAt)))).toEqual([true, false]);
  const folder = await temporaryFolder({
    "bench/results.jsonl": resultLines([{ ...line, measuredAt: "2026-01-01T00:00:00.000Z" }, ahead]),
  });
  const { stdout, stderr } = await mkimage(["report", "--format", "json"], { cwd: folder });
  expect(JSON.parse(stdout).cells).toMatchObject([{ runId: line.run.id }]);
  expect(stderr).toContain("note: 1 line of results left out: measured by a clock that is ahead of this one");
});
