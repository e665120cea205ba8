import { expect, test } from "vitest";
import { readReport } from "../../../../build/clients/lambda-report.ts";

const text = (rest: string) =>
  `START RequestId: 1 Version: 1\nEND RequestId: 1\nREPORT RequestId: 1\tDuration: 12.50 ms\tBilled Duration: 300 ms\tMemory Size: 1769 MB\tMax Memory Used: 140 MB\t${rest}\n`;

test.each([
  ["a cold start", text("Init Duration: 266.10 ms\t"), { duration: 12.5, init: 266.1 }],
  [
    "a restore",
    text("Restore Duration: 180.00 ms\tBilled Restore Duration: 200 ms\t"),
    { duration: 12.5, init: 180 },
  ],
  ["a warm call", text(""), { duration: 12.5, init: undefined }],
  [
    "a log in JSON",
    '{"time":"t","type":"platform.start","record":{}}\n{"time":"t","type":"platform.report","record":{"requestId":"1","metrics":{"durationMs":7.5,"billedDurationMs":300,"initDurationMs":250.5}}}\n',
    { duration: 7.5, init: 250.5 },
  ],
])("the report of %s", (_, log, report) => expect(readReport(log)).toEqual(report));

test.each(["", "START RequestId: 1", '{"type":"platform.report"', 'x "platform.report" y'])(
  "no report in %j",
  (log) => expect(readReport(log)).toBeUndefined(),
);
