import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LambdaItem } from "../../../../../build/bench/lambda/item.ts";
import { guessedRound, runLambdaBench } from "../../../../../build/bench/lambda/run.ts";
import { priceOf, readPrices } from "../../../../../build/bench/prices/prices.ts";
import type { Result } from "../../../../../build/bench/results.ts";
import { UserError } from "../../../../../build/errors.ts";
import { makeResults } from "../../../../support/bench-results.ts";
import { stderrText } from "../../../../support/stderr.ts";
import { type FakeCall, fakeLambda } from "./fake-lambda.ts";

const prices = await readPrices("/nowhere");
const [{ run, cell }] = makeResults({ os: ["debian"], arch: ["arm64"], region: "us-east-1" }) as [Result];
const source = {
  name: "embed",
  image: { function: "embed", arch: "arm64" },
  remote: `registry/embed@sha256:${"a".repeat(64)}`,
  settings: {
    memory: 1024,
    timeout: 60,
    role: "arn:aws:iam::123456789012:role/embed",
    environment: { MODE: "fast" },
  },
  beside: {},
  tags: { team: "search" },
} as unknown as LambdaItem["source"];

const itemOf = (memory: number, more: Partial<LambdaItem> = {}): LambdaItem => ({
  name: `${memory} MB`,
  source,
  cell,
  memory,
  snapStart: false,
  event: "{}",
  input: { tokens: 16, batch: 1 },
  price: priceOf(prices, "us-east-1", "arm64"),
  known: {},
  ...more,
});

let folder: string;
let said: () => string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mkimage-bench-"));
  vi.stubEnv("XDG_CACHE_HOME", folder);
  said = stderrText();
});
afterEach(() => rm(folder, { recursive: true }));

const measure = (
  fake: ReturnType<typeof fakeLambda>,
  items: readonly LambdaItem[],
  more: Partial<Parameters<typeof runLambdaBench>[1]> = {},
) =>
  runLambdaBench(items, {
    run: { ...run, id: "1a2b3c4d" },
    region: "us-east-1",
    lambda: fake.lambda,
    cleaner: () => fake.lambda,
    signal: new AbortController().signal,
    until: new Date(),
    precision: 0.05,
    maxTime: 900,
    file: join(folder, "results.jsonl"),
    maxCost: Number.POSITIVE_INFINITY,
    callers: 0,
    ...more,
  });

const timesOf = ({ cold, warm }: Result) => ({ cold: cold?.total.length, warm: warm?.samples.length });

test("memory sizes take turns in one function, with its settings and tags, that is removed", async () => {
  const fake = fakeLambda();
  const created = vi.spyOn(fake.lambda, "createFunction");
  const results = await measure(fake, [itemOf(512), itemOf(1024)]);
  const [input] = created.mock.calls[0] ?? [];
  expect(input).toMatchObject({
    FunctionName: "embed-bench-1a2b3c4d-0",
    Code: { ImageUri: source.remote },
    Role: source.settings.role,
    Environment: { Variables: { MODE: "fast", MKIMAGE_BENCH: "1a2b3c4d 1" } },
    Tags: { team: "search", "mkimage:bench": "1a2b3c4d" },
  });
  const memories = fake.calls.map(({ memory }) => memory);
  expect(memories.filter((memory, place) => memory !== memories[place - 1])).toEqual([
    512, 1024, 512, 1024, 512, 1024,
  ]);
  expect(results.map(timesOf)).toEqual([
    { cold: 9, warm: 150 },
    { cold: 9, warm: 150 },
  ]);
  expect(results[0]).toMatchObject({
    status: "measured",
    memoryMB: 512,
    peakMemoryMB: 123,
    cold: { total: Array(9).fill(300), billed: Array(9).fill(300), steps: { init: 290, firstAnswer: 10 } },
    warm: { throughput: 100 },
  });
  expect(fake.functions.size).toBe(0);
  expect(
    (await readFile(join(folder, "results.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual(results);
});

test("no round begins that would exceed --max-cost, and what was measured is kept", async () => {
  const item = itemOf(1024, { known: { coldMs: 300, warmMs: 10 } });
  const round = guessedRound(item);
  const fake = fakeLambda();
  const [result] = await measure(fake, [item], { maxCost: 2.6 * round, precision: 0.0000001 });
  expect(result).toMatchObject({ status: "measured" });
  expect(timesOf(result as Result)).toEqual({ cold: 6, warm: 100 });
  expect(said()).toMatch(/the run has cost about \$0\.000\d/);
  const none = await measure(fakeLambda(), [item], { maxCost: 0.5 * round });
  expect(none).toMatchObject([{ status: "failed", fault: expect.stringContaining("--max-cost") }]);
});

test("a round that is dearer than was thought ends at the budget", async () => {
  const fake = fakeLambda(({ count }) => ({
    log: `REPORT RequestId: 1\tDuration: 5000.00 ms\tBilled Duration: 5000 ms\t${count < 3 ? "Init Duration: 1.00 ms\t" : ""}\n`,
  }));
  const item = itemOf(1024, { known: { coldMs: 300, warmMs: 10 } });
  const call = item.price.request + 5 * item.price.gbSecond;
  const [result] = await measure(fake, [item], { maxCost: 20.5 * call });
  expect(fake.calls).toHaveLength(20);
  expect(timesOf(result as Result)).toEqual({ cold: 3, warm: 7 });
});

test.each<[string, (call: FakeCall) => object | undefined, RegExp]>([
  [
    "an error",
    () => ({ error: "Unhandled", body: '{"errorType":"Error","errorMessage":"no model"}' }),
    /embed-bench-1a2b3c4d-0 answered with an error: Error: no model/,
  ],
  [
    "an init that is too long",
    () => ({
      error: "Unhandled",
      body: '{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out after 60.00 seconds"}',
      log: "INIT_REPORT Init Duration: 10007.33 ms\tPhase: init\tStatus: timeout\nREPORT RequestId: 1\tDuration: 60000.00 ms\tBilled Duration: 60000 ms\tStatus: timeout\n",
    }),
    /timed out after 60\.00 seconds; its init ended after 10007 ms with timeout/,
  ],
  [
    "a log without a report",
    () => ({ log: "START RequestId: 1\nEND RequestId: 1\n" }),
    /no report that mkimage knows: "END RequestId: 1"/,
  ],
  [
    "environments that are never new",
    () => ({ log: "REPORT RequestId: 1\tDuration: 5.00 ms\n" }),
    /started no new environment/,
  ],
])("%s is the fault of its line, and other cells go on", async (_, answer, fault) => {
  const fake = fakeLambda((call) => (call.memory === 512 ? answer(call) : undefined) as never);
  const results = await measure(fake, [itemOf(512), itemOf(1024)]);
  expect(results).toMatchObject([
    { memoryMB: 512, status: "failed", fault: expect.stringMatching(fault) },
    { memoryMB: 1024, status: "measured" },
  ]);
  expect(fake.functions.size).toBe(0);
});

test("a permission that lacks ends the run, with what was measured kept and nothing left", async () => {
  const fake = fakeLambda(({ count }) => {
    if (count === 150) throw new UserError("AWS denies lambda:InvokeFunction", { reason: "environment" });
    return undefined;
  });
  await expect(measure(fake, [itemOf(512), itemOf(1024)])).rejects.toThrow(
    "AWS denies lambda:InvokeFunction",
  );
  expect(fake.functions.size).toBe(0);
  const lines = (await readFile(join(folder, "results.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(timesOf)).toEqual([
    { cold: 3, warm: 50 },
    { cold: 3, warm: 50 },
  ]);
});

test("a setting that Lambda refuses is the fault of its line, and the function is made for the next one", async () => {
  const fake = fakeLambda();
  const create = fake.lambda.createFunction.bind(fake.lambda);
  vi.spyOn(fake.lambda, "createFunction")
    .mockImplementationOnce(async () => {
      throw new UserError("AWS refuses lambda:CreateFunction: MemorySize", { reason: "environment" });
    })
    .mockImplementation(create);
  const results = await measure(fake, [itemOf(10240), itemOf(1024)]);
  expect(results.map(({ status }) => status)).toEqual(["failed", "measured"]);
  expect(fake.functions.size).toBe(0);
});

test("Ctrl-C keeps what was measured and removes the function", async () => {
  const abort = new AbortController();
  const fake = fakeLambda(({ count }) => {
    if (count === 100) abort.abort();
    abort.signal.throwIfAborted();
    return undefined;
  });
  await expect(measure(fake, [itemOf(1024)], { signal: abort.signal })).rejects.toThrow(/abort/);
  expect(fake.functions.size).toBe(0);
  const [line] = (await readFile(join(folder, "results.jsonl"), "utf8")).trim().split("\n");
  expect(timesOf(JSON.parse(line as string))).toEqual({ cold: 3, warm: 50 });
});

test("SnapStart: a version for each round, whose restores are its starts, and the price of its snapshot", async () => {
  const restored =
    "REPORT RequestId: 1\tDuration: 10.00 ms\tBilled Duration: 60 ms\tRestore Duration: 200.00 ms\tBilled Restore Duration: 50 ms\t\n";
  const fake = fakeLambda(({ count }) => (count % 63 < 3 ? { log: restored } : undefined));
  const [result] = await measure(fake, [itemOf(1024, { snapStart: true })]);
  expect(result).toMatchObject({
    status: "measured",
    cold: { total: Array(9).fill(210), billed: Array(9).fill(60), steps: { restore: 200, firstAnswer: 10 } },
  });
  expect(fake.writes.filter((each) => /version|publish/.test(each))).toEqual([
    "publish",
    "delete version 1",
    "publish",
    "delete version 2",
    "publish",
  ]);
  expect(new Set(fake.calls.map(({ qualifier }) => qualifier))).toEqual(new Set(["1", "2", "3"]));
});

test("callers at a time: throughput, with the calls that failed", async () => {
  let failing = 0;
  const fake = fakeLambda(({ count }) => {
    if (count < 189 + 4) return undefined;
    return ++failing % 4 === 0 ? { error: "Unhandled", body: "{}" } : undefined;
  });
  const [result] = await measure(fake, [itemOf(1024)], { callers: 4 });
  expect(result?.warm?.concurrent).toMatchObject({ callers: 4, calls: 40, failed: 10 });
  expect(result?.warm?.concurrent?.throughput).toBeGreaterThan(0);
  expect(said()).toContain("10 of 40 calls of 4 callers failed: ");
});

test("callers at a time: an answer whose log has no report is right all the same, and the call is not made again", async () => {
  const fake = fakeLambda(({ count }) => (count < 189 ? undefined : { log: "START RequestId: 1\n" }));
  const [result] = await measure(fake, [itemOf(1024)], { callers: 2 });
  expect(result?.warm?.concurrent).toMatchObject({ callers: 2, calls: 20, failed: 0 });
  expect(fake.calls).toHaveLength(189 + 22);
});

test("callers whose starts would exceed --max-cost are not called", async () => {
  const fake = fakeLambda(({ count }) =>
    count % 63 < 3
      ? {
          log: "REPORT RequestId: 1\tDuration: 10.00 ms\tBilled Duration: 20000 ms\tInit Duration: 19990.00 ms\t\n",
        }
      : undefined,
  );
  const item = itemOf(1024, { known: { coldMs: 20_000, warmMs: 10 } });
  const maxCost = 4 * guessedRound(item);
  const [result] = await measure(fake, [item], { callers: 100, maxCost });
  expect(result?.warm?.concurrent).toBeUndefined();
  expect(fake.calls).toHaveLength(189);
  expect(said()).toContain("no throughput of 100 callers: --max-cost");
});

test("starts that are dearer than was thought end at the budget", async () => {
  const fake = fakeLambda(() => ({
    log: "REPORT RequestId: 1\tDuration: 10.00 ms\tBilled Duration: 60000 ms\tInit Duration: 59990.00 ms\t\n",
  }));
  const item = itemOf(1024, { known: { coldMs: 300, warmMs: 10 } });
  const start = item.price.request + 60 * item.price.gbSecond;
  await measure(fake, [item], { maxCost: 2.5 * start });
  expect(fake.calls.length).toBe(2);
});

test("functions are removed also where their tags cannot be read, as without lambda:ListTags", async () => {
  const fake = fakeLambda();
  const find = fake.lambda.findFunction.bind(fake.lambda);
  vi.spyOn(fake.lambda, "findFunction").mockImplementation(async (...args) => {
    const found = await find(...args);
    return found && { ...found, tags: {} };
  });
  expect(await measure(fake, [itemOf(1024)])).toMatchObject([{ status: "measured" }]);
  expect(fake.functions.size).toBe(0);
});

test("a function of another run with the same name is neither called nor removed", async () => {
  const fake = fakeLambda();
  const tags = { "mkimage:bench": "1a2b3c4d", "mkimage:bench-owner": "1:other:process" };
  await fake.lambda.createFunction({ FunctionName: "embed-bench-1a2b3c4d-0", Tags: tags } as never);
  vi.spyOn(fake.lambda, "createFunction").mockRejectedValue(
    new UserError("AWS refuses lambda:CreateFunction: ResourceConflictException", { reason: "environment" }),
  );
  const [result] = await measure(fake, [itemOf(1024)]);
  expect(result).toMatchObject({ status: "failed", fault: expect.stringContaining("ResourceConflict") });
  expect(fake.calls).toEqual([]);
  expect([...fake.functions.keys()]).toEqual(["embed-bench-1a2b3c4d-0"]);
});

test("a function that was made although the answer was lost is measured and removed", async () => {
  const fake = fakeLambda();
  const create = fake.lambda.createFunction.bind(fake.lambda);
  vi.spyOn(fake.lambda, "createFunction").mockImplementationOnce(async (input) => {
    await create(input);
    throw new UserError("AWS refuses lambda:CreateFunction: ResourceConflictException", {
      reason: "environment",
    });
  });
  expect(await measure(fake, [itemOf(1024)])).toMatchObject([{ status: "measured" }]);
  expect(fake.functions.size).toBe(0);
});
