/**
 * The runtime's own client of the Runtime API held against AWS's aws-lambda-ric 4.0.2 with its native addon, compiled from
 * the npm package: the same functions, events and failures under the same emulator, and the replies compared. What the
 * emulator does not hand over (X-Ray and Cognito headers, trailers, the error type's header) only the unit tests see.
 */
import { expect, test } from "vitest";
import { bothReply, type Call, type Reply } from "../support/runtime-clients.ts";

const call = (event: unknown): Call => ({ body: JSON.stringify(event) });

/** Where the two do not answer alike, and why that is meant. */
interface Difference {
  readonly why: string;
  readonly official: unknown;
  readonly own: unknown;
}

const failure = (errorType: string, errorMessage: unknown, changes: object = {}) =>
  expect.objectContaining({ body: expect.objectContaining({ errorType, errorMessage }), ...changes });
const crash = failure("Runtime.ExitError", "RequestId: … Error: Runtime exited with error: exit status 1", {
  status: 502,
});

/** The official client names a failed JSON.stringify, or its addon's refusal of what gives no text. */
const notJson = (type: string, official: string, reason: string): Difference => ({
  why: "ours says what cannot be written as JSON",
  official: failure(type, official),
  own: failure("Runtime.JSONStringifyError", expect.stringContaining(reason)),
});
const unwritable = (reason: string) =>
  notJson("Runtime.JSONStringifyError", "Unable to stringify response body", reason);
const noText = (reason: string) => notJson("TypeError", "Wrong arguments", reason);
const untold = expect.stringContaining("there was a problem while retrieving");

const notAnEvent: Difference = {
  why: "an event that is no JSON costs the official client its process; ours tells the caller and lives",
  official: crash,
  own: failure("BadRequest", expect.stringContaining("event: not JSON"), { status: 200 }),
};

/** aws-lambda-ric leaves what breaks outside a call to Node since version 4; before, it did what ours does. */
const outside = (errorType: string, message: string): Difference => ({
  why: "the caller learns what ended the process",
  official: crash,
  own: failure(errorType, message, { status: 502, frames: [expect.stringContaining("/var/task/cases.mjs")] }),
});

const DIFFERENCES: Readonly<Record<string, Difference>> = {
  "returns bigint": unwritable("BigInt"),
  "returns circle": unwritable("circular"),
  "returns thrower": unwritable("not today"),
  "returns function": noText("it is a function"),
  "returns symbol": noText("it is a symbol"),
  "throws unicode": {
    why: "the official client turns DEL into %7F for its X-Ray header, in the message as well; ours leaves the message",
    official: failure("Error", "é 漢 😀 \u0000 %7F \ud800"),
    own: failure("Error", "é 漢 😀 \u0000 \u007f \ud800"),
  },
  "throws nameless": {
    why: "an error always has a type here",
    official: expect.objectContaining({
      body: expect.not.objectContaining({ errorType: expect.anything() }),
    }),
    own: failure("Error", "x"),
  },
  "throws numbered": {
    why: "a name that is no text leaves the message as it is",
    official: failure("handled", untold),
    own: failure("Error", "x"),
  },
  "throws trap": {
    why: "an error whose message cannot be read is said to be that, without callbacks that no handler here has",
    official: failure("handled", untold),
    own: failure("object", "it cannot be converted to text"),
  },
  "throws bare": {
    why: "what has no text costs the official client its process; ours lives",
    official: crash,
    own: failure("object", "it cannot be converted to text"),
  },
  "throws status": {
    why: "an error with a status below 500 is the caller's mistake: nothing is to be mended here, so no stack",
    official: failure("Error", "teapot", { frames: expect.arrayContaining([expect.any(String)]) }),
    own: failure("Error", "teapot", { frames: [] }),
  },
  "event (empty)": notAnEvent,
  "event {": notAnEvent,
  "event \u0000": notAnEvent,
  "event inputs=1": notAnEvent,
  "an event above 6 MB, which the emulator cuts off": notAnEvent,
  "an answer above 6 MB": {
    why: "ours is refused before it is sent, and says what to do",
    official: failure("Function.ResponseSizeTooLarge", expect.stringContaining("exceeded maximum")),
    own: failure("Function.ResponseSizeTooLarge", expect.stringContaining("ask for less at once")),
  },
  "an error that nobody catches": outside("Error", "nobody catches this"),
  "a rejection that nobody awaits": outside("Runtime.UnhandledPromiseRejection", "Error: nobody awaits this"),
  "a stream that fails before its first piece": {
    why: "nothing was sent yet, so ours is an ordinary error; the official one is in trailers, which the emulator drops",
    official: expect.objectContaining({ status: 200, body: "" }),
    own: failure("RangeError", "no piece 0"),
  },
};

/**
 * A reply without what no two runs have in common, the id of the request, and without the stack's form: the official
 * client has `trace`, which opens with the message, ours `stackTrace` as the Runtime API's documentation has it. Both
 * must name the same places in the function.
 */
function comparable(reply: Reply | undefined): unknown {
  const body = parsed((reply?.body ?? "").replaceAll(/RequestId: [\da-f-]{36}/g, "RequestId: …"));
  if (typeof body !== "object" || body === null || !("errorMessage" in body)) return { ...reply, body };
  const { trace, stackTrace = trace, ...told } = body as Record<string, unknown>;
  const frames = JSON.stringify(stackTrace ?? []).match(/\/var\/task\/[\w.]+:\d+:\d+/g) ?? [];
  return { ...reply, body: told, frames };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Makes all calls to a function under both clients, and expects of each what the table of differences says of its name. */
async function compare(
  file: string,
  calls: Readonly<Record<string, Call>>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { official, own } = await bothReply({ file, calls: Object.values(calls), env });
  const seen: Record<string, unknown> = {};
  const wanted: Record<string, unknown> = {};
  for (const [index, name] of Object.keys(calls).entries()) {
    const pair = { official: comparable(official[index]), own: comparable(own[index]) };
    const { why: _, ...different } = DIFFERENCES[name] ?? { why: "", ...pair, own: pair.official };
    seen[name] = pair;
    wanted[name] = different;
  }
  expect(seen).toEqual(wanted);
}

const RETURNS =
  "nothing null zero false empty numbers unicode surrogates holes date map buffer deep floats toJSON bigint circle function symbol thrower later thenable";
const THROWS =
  "error typeError noMessage unicode long lines class spaced breaking nameless numbered stackless cause aggregate status text emptyText null nothing number object bare symbol trap";

/** One call for each case of test/fixtures/ric/functions/cases.mjs. */
const each = (verb: string, cases: string) =>
  Object.fromEntries(cases.split(" ").map((name) => [`${verb} ${name}`, call({ [verb]: name })]));

test("what a function returns", () => compare("cases", each("returns", RETURNS)));

test("what a function throws, at once or later", () =>
  compare("cases", { ...each("throws", THROWS), ...each("rejects", "error class text null") }));

test("events of every shape, and those that are none", () => {
  const values = [null, 0, "", "é\u2028\ud800", [], {}, { a: [{ b: null }] }, "x".repeat(1_000_000)];
  const none = ["", "{", "\u0000", "inputs=1"].map((body) => [`event ${body || "(empty)"}`, { body }]);
  return compare("cases", {
    ...Object.fromEntries(values.map((value, i) => [`value ${i}`, call(value)])),
    ...Object.fromEntries(none),
    "after that": call({ returns: "unicode" }),
  });
});

test("payloads to 6 MB and above, both ways", () => {
  const most = 6 * 1024 * 1024 + 100;
  const answer = (count: number, returns = "letters") => call({ returns, count });
  return compare("cases", {
    "the largest event": call("x".repeat(most - 2)),
    "an event above 6 MB, which the emulator cuts off": call("x".repeat(most - 1)),
    "the largest answer": answer(most - 2),
    "the largest answer of two bytes each": answer(most / 2 - 1, "accents"),
    "an answer above 6 MB": answer(most - 1),
    "after that": answer(1),
  });
});

test("what the function learns about its invocation", () => {
  const context = Buffer.from('{"custom":{"a":"é 漢"},"client":{"installation_id":"1"}}').toString("base64");
  return compare("cases", {
    "with a client context": {
      ...call({ tells: "context" }),
      headers: { "X-Amz-Client-Context": context, "X-Amzn-Trace-Id": "Root=1-5e1b4151-5ac6c58f3ad5b1b5" },
    },
    "without one": call({ tells: "context" }),
  });
});

test("a function that ends its process, and the next event in a new one", () =>
  compare("cases", {
    "exit 0": call({ fails: "exit", code: 0 }),
    "exit 3": call({ fails: "exit", code: 3 }),
    killed: call({ fails: "kill" }),
    "an error that nobody catches": call({ fails: "outside" }),
    "a rejection that nobody awaits": call({ fails: "unhandled" }),
    "after that": call({ returns: "zero" }),
  }));

test("a function that takes too long, and the next event", () =>
  compare(
    "cases",
    { slow: call({ fails: "sleep" }), "after that": call({ returns: "zero" }) },
    { AWS_LAMBDA_FUNCTION_TIMEOUT: "1" },
  ));

test.each(["error", "text", "null", "exit", "missing", "later"])(
  "a function that cannot be loaded: %s",
  (BROKEN) => compare("broken", { first: call(1), second: call(2) }, { BROKEN }),
);

test("a streamed answer, whole or broken off", () =>
  compare("streamed", {
    "three pieces": call({ count: 3 }),
    none: call({ count: 0 }),
    many: call({ count: 50_000 }),
    "a stream that fails on its way": call({ count: 3, failsAt: 2 }),
    "a stream that fails before its first piece": call({ count: 3, failsAt: 0 }),
    "after that": call({ count: 1 }),
  }));
