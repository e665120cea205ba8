import { expect, test } from "vitest";
import {
  causeOfNone,
  functionError,
  functionTrace,
  loggedError,
} from "../../../../build/smoke/function-error.ts";

const thrown = JSON.stringify({
  errorType: "Error",
  errorMessage: "ouch",
  stackTrace: ["at handler (/project/handler.ts:1:36)", "at run (/var/task/index.mjs:5:6)"],
});

test.each([
  ['{"errorType":{"a":1},"errorMessage":["b"]}', '{"a":1}: ["b"]', ""],
  ['{"errorType":"Error"}', "Error", ""],
  ['{"errorType":null,"errorMessage":""}', "null", ""],
  ['{"errorType":""}', "an error without a text", ""],
  [thrown, "Error: ouch", "at handler (/project/handler.ts:1:36)\nat run (/var/task/index.mjs:5:6)"],
  [
    '{"errorType":"BadRequest","errorMessage":"inputs: missing","stackTrace":[]}',
    "BadRequest: inputs: missing",
    "",
  ],
  ["Task timed out after 3.00 seconds", "Task timed out after 3.00 seconds", ""],
  ['{"label":"cat"}', undefined, ""],
  ["null", undefined, ""],
  ["a stream of text", undefined, ""],
  [`{"statusCode":200}${"\0".repeat(8)}Task timed out after 3.00 seconds`, undefined, ""],
])("of the answer %s the error and its trace are told", (body, error, trace) => {
  expect([functionError(body), functionTrace(body)]).toEqual([error, trace]);
});

test("what a function says of an error is told in short, however long it is", () => {
  const long = "x".repeat(1_000_000);
  const stackTrace = Array.from({ length: 1000 }, () => `at ${long.slice(0, 1000)}`);
  const body = JSON.stringify({ errorType: "Error", errorMessage: long, stackTrace });
  for (const text of [functionError(body), functionTrace(body)]) {
    expect(text?.length).toBeLessThan(4100);
    expect(text).toMatch(/… \(\d+ characters\)$/);
  }
});

const LOGGED =
  '{"timestamp":"2026","level":"ERROR","requestId":"1","errorType":"RangeError","errorMessage":"\\"a\\" is floating","stackTrace":[],"message":"unhandled rejection"}';

test.each([
  ["START\nlines of others\n", undefined],
  [`${LOGGED.replace("floating", "before")}\n${LOGGED}\nEND`, 'RangeError: \\"a\\" is floating'],
  // Cut by whoever read it.
  [LOGGED.slice(0, LOGGED.indexOf("ating")), 'RangeError: \\"a\\" is flo'],
  [LOGGED.replace("ERROR", "WARN"), undefined],
])("of the log %j the last error is told", (log, error) => {
  expect(loggedError(log)).toBe(error);
});

const READY = "[INFO] (rapid) INIT RTDONE(status: success)\n";
const BROKEN_OFF =
  "INIT RTDONE(status: error)\n[ERROR] (rapid) Init failed InvokeID= error=errResetReceived\n";
const exited = (how: string) =>
  `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: 1 Error: Runtime exited with error: ${how}"}`;

test.each([
  { body: "[0.1]", status: 200, log: READY, cause: undefined },
  { body: "", status: 502, log: "", cause: "it ended before it had answered" },
  {
    body: "",
    status: 502,
    log: "Init failed error=Runtime exited with error: exit status 7 InvokeID=",
    cause: "it ended with exit status 7 before it had answered",
  },
  {
    body: "Task timed out after 9.00 seconds",
    status: 200,
    log: BROKEN_OFF,
    cause: "it did not finish loading within 9 s",
  },
  {
    body: "Task timed out after 9.00 seconds",
    status: 200,
    log: READY,
    cause: "it did not answer within 9 s",
  },
  { body: exited("signal: killed"), log: READY, cause: "it ran out of memory, with 512 MB" },
  {
    body: exited("signal: aborted"),
    log: "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    cause: "it ran out of memory, with 512 MB",
  },
  {
    body: "",
    log: "Init failed error=Runtime exited with error: signal: killed InvokeID=",
    cause: "it ran out of memory, with 512 MB",
  },
  {
    body: exited("signal: aborted"),
    log: READY,
    cause: "it ended with signal aborted before it had answered",
  },
  {
    body: exited("exit status 0").replace("with error: exit status 0", "without providing a reason"),
    log: READY,
    cause: "it ended with exit status 0 before it had answered",
  },
  { body: exited("exit status 128"), log: LOGGED, cause: 'RangeError: \\"a\\" is floating' },
  // It ended just as it had answered.
  { body: "1", log: LOGGED, cause: 'RangeError: \\"a\\" is floating' },
  { body: "1", log: READY, cause: "1" },
  { body: thrown, log: READY, cause: "Error: ouch" },
  { body: "Bad Gateway", log: READY, cause: "Bad Gateway" },
])("why there is no answer: $cause, of $body", ({ body, status = 502, log, cause }) => {
  const told = causeOfNone({ status, body }, { log, memory: 512 });
  if (cause === undefined) expect(told).toBeUndefined();
  else expect(told).toContain(cause);
});
