import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { randomNumbers } from "../../../runtime/generation/random.ts";
import { modelHandler } from "../../../runtime/handler.ts";
import { tinyModels } from "./tiny-models.ts";

/** How long to look for trouble, in milliseconds, and where to begin: told by a failure, to see it again. */
const TIME = Number(process.env.FUZZ_MS ?? 1500);
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

const ODD: readonly unknown[] = [
  ...[
    null,
    true,
    0,
    -1,
    1e308,
    "",
    " ",
    "a b",
    "\u0000",
    "\ud800",
    "[CLS] a [SEP]",
    "é".repeat(200),
    "x".repeat(5000),
  ],
  ...[
    [],
    {},
    [[]],
    ["a", null],
    ["a", "\udfff"],
    { a: 1 },
    "__proto__",
    "constructor",
    "{}",
    '{"inputs":"a"}',
    "e30=",
  ],
];

const NAMES = [
  ...[
    "inputs",
    "parameters",
    "model",
    "options",
    "server",
    "stream",
    "normalize",
    "truncate",
    "truncation",
    "max_tokens",
  ],
  ...[
    "truncation_direction",
    "body",
    "isBase64Encoded",
    "requestContext",
    "httpMethod",
    "path",
    "rawPath",
    "headers",
  ],
  ...[
    "multiValueHeaders",
    "http",
    "method",
    "elb",
    "domainName",
    "version",
    "stage",
    "content-type",
    "__proto__",
    "toString",
  ],
];

/** Makes events out of names and values that mean something somewhere, put where they mean something else. */
function maker(random: () => number) {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const value = (depth: number): unknown => {
    if (depth > 3 || random() < 0.5) return pick(ODD);
    if (random() < 0.3) return Array.from({ length: random() * 4 }, () => value(depth + 1));
    const entries = Array.from({ length: random() * 5 }, () => [pick(NAMES), value(depth + 1)]);
    return Object.fromEntries(entries);
  };
  return () => {
    const event = value(0);
    if (random() < 0.5 || typeof event !== "object" || event === null) return event;
    return { ...event, [pick(["inputs", "body"])]: random() < 0.5 ? "a b" : value(1) };
  };
}

beforeEach(() => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

test("whatever the event, it is answered or refused for what the caller did, and the next one is right", async () => {
  const handler = modelHandler(tinyModels(), () => ({ status: "ok", models: [] }));
  const rest = {
    functionArn: "",
    body: "",
    traceId: undefined,
    clientContext: undefined,
    identity: undefined,
  };
  const ask = (event: unknown) =>
    handler(event, { requestId: "r", deadlineMs: Date.now() + 60_000, ...rest });
  const make = maker(randomNumbers(SEED));
  const end = Date.now() + TIME;
  while (Date.now() < end) {
    const event = make();
    const told = { seed: SEED, event: JSON.stringify(event)?.slice(0, 2000) };
    const reply = await ask(event).catch((error: Error) => ({ refused: error.name, told }));
    const { statusCode = 200, refused = "BadRequest" } = (reply ?? {}) as {
      statusCode?: number;
      refused?: string;
    };
    expect({ ...told, refused, ok: statusCode < 500 }).toEqual({ ...told, refused: "BadRequest", ok: true });
  }
  expect(await ask({ inputs: "a b" })).toEqual([3.5, 2.5]);
});
