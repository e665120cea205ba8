import { expect, test } from "vitest";
import { functionError, functionTrace } from "../../../../build/smoke/function-error.ts";

const thrown = JSON.stringify({
  errorType: "Error",
  errorMessage: "ouch",
  stackTrace: ["at handler (/project/handler.ts:1:36)", "at run (/var/task/index.mjs:5:6)"],
});

test.each([
  [thrown, "Error: ouch", "at handler (/project/handler.ts:1:36)\nat run (/var/task/index.mjs:5:6)"],
  [
    '{"errorType":"BadRequest","errorMessage":"inputs: missing","stackTrace":[]}',
    "BadRequest: inputs: missing",
    "",
  ],
  ["Task timed out after 3.00 seconds", "Task timed out after 3.00 seconds", ""],
  ['{"label":"cat"}', undefined, ""],
  ["null", undefined, ""],
])("of the answer %s the error and its trace are told", (body, error, trace) => {
  expect([functionError(body), functionTrace(body)]).toEqual([error, trace]);
});
