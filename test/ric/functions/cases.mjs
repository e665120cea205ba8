// One function of many cases, chosen by the event: what it returns or throws under either client of the Runtime API.
import { setTimeout as sleep } from "node:timers/promises";

class OutOfPaper extends Error {
  name = "OutOfPaper";
  code = "E_PAPER";
}

const circle = {};
circle.self = circle;

const RETURNS = {
  nothing: () => undefined,
  null: () => null,
  zero: () => 0,
  false: () => false,
  empty: () => "",
  numbers: () => [1.5, -0, 1e300, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER],
  unicode: () => "é 漢 😀 \u2028 \u0000 \u007f",
  surrogates: () => ["\ud800", "a\udfff", { "\ud83d": 1 }],
  holes: () => [undefined, () => 1, Symbol("s"), { gone: undefined }],
  date: () => new Date(0),
  map: () => new Map([["a", 1]]),
  buffer: () => Buffer.from("abc"),
  deep: () => JSON.parse(`${"[".repeat(2000)}1${"]".repeat(2000)}`),
  floats: () => Array.from({ length: 100_000 }, (_, i) => Math.sin(i)),
  toJSON: () => ({ toJSON: () => "stood for itself" }),
  bigint: () => 1n,
  circle: () => circle,
  function: () => () => 1,
  symbol: () => Symbol("s"),
  thrower: () => ({
    toJSON() {
      throw new RangeError("not today");
    },
  }),
  later: () => sleep(50, "after 50 ms"),
  // biome-ignore lint/suspicious/noThenProperty: what is no promise but is awaited like one
  thenable: () => ({ then: (done) => done("thenable") }),
  letters: ({ count }) => "x".repeat(count),
  accents: ({ count }) => "é".repeat(count),
};

const THROWS = {
  error: () => new Error("plain"),
  typeError: () => new TypeError("wrong kind"),
  noMessage: () => new Error(""),
  unicode: () => new Error("é 漢 😀 \u0000 \u007f \ud800"),
  long: () => new Error("m".repeat(100_000)),
  lines: () => new Error("first\nsecond\r\nthird"),
  class: () => new OutOfPaper("no paper"),
  spaced: () => Object.assign(new Error("x"), { name: "Two Words" }),
  breaking: () => Object.assign(new Error("x"), { name: "Bad\r\nName: 1" }),
  nameless: () => Object.assign(new Error("x"), { name: undefined }),
  numbered: () => Object.assign(new Error("x"), { name: 5 }),
  stackless: () => Object.assign(new Error("x"), { stack: undefined }),
  cause: () => new Error("outer", { cause: new Error("inner") }),
  aggregate: () => new AggregateError([new Error("a")], "several"),
  status: () => Object.assign(new Error("teapot"), { status: 418 }),
  text: () => "only text",
  emptyText: () => "",
  null: () => null,
  nothing: () => undefined,
  number: () => 42,
  object: () => ({ a: 1 }),
  bare: () => Object.create(null),
  symbol: () => Symbol("s"),
  trap: () => {
    const error = new Error("x");
    Object.defineProperty(error, "message", {
      get() {
        throw new Error("caught");
      },
    });
    return error;
  },
};

export async function handler(event, context) {
  if (event?.returns !== undefined) return RETURNS[event.returns](event);
  if (event?.throws !== undefined) throw THROWS[event.throws]();
  if (event?.rejects !== undefined) return Promise.reject(THROWS[event.rejects]());
  if (event?.fails === "exit") process.exit(event.code);
  if (event?.fails === "kill") process.kill(process.pid, "SIGKILL");
  if (event?.fails === "outside") {
    setTimeout(() => {
      throw new Error("nobody catches this");
    });
    await sleep(5000);
  }
  if (event?.fails === "unhandled") {
    Promise.reject(new Error("nobody awaits this"));
    await sleep(5000);
  }
  if (event?.fails === "sleep") await sleep(60_000);
  if (event?.tells === "context") {
    const left = context.getRemainingTimeInMillis();
    return {
      // Each invocation has its own id; only its form can be alike.
      requestId: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(context.awsRequestId),
      functionArn: context.invokedFunctionArn,
      clientContext: context.clientContext,
      identity: context.identity,
      traceId: context.xRayTraceId || null,
      environment: process.env._X_AMZN_TRACE_ID || null,
      left: left > 0 && left <= 1000 * Number(process.env.AWS_LAMBDA_FUNCTION_TIMEOUT),
    };
  }
  return event;
}
