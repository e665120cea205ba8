import { expect, test } from "vitest";
import { readReport, readStarts } from "../../../../build/clients/lambda-report.ts";
import { LAMBDA_LOGS } from "../../../fixtures/lambda-logs.ts";

const NONE = { init: undefined, billed: undefined, maxMemoryMB: undefined };
const WELL = { status: undefined, errorType: undefined };

test.each(LAMBDA_LOGS)("the report of $title", ({ log, report }) => {
  expect(readReport(log)).toEqual(report && { ...NONE, ...WELL, ...report });
});

test.each(LAMBDA_LOGS)("inits and restores of $title", ({ log, starts = [] }) => {
  expect(readStarts(log)).toEqual(starts.map((start) => ({ phase: undefined, ...WELL, ...start })));
});
