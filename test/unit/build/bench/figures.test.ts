import { expect, test } from "vitest";
import { seriesOf, usualInput } from "../../../../build/bench/figures.ts";
import { priceOf, readPrices } from "../../../../build/bench/prices/prices.ts";
import type { Result } from "../../../../build/bench/results.ts";
import { makeResults } from "../../../support/bench-results.ts";

const prices = await readPrices("/nowhere");
const options = { priceOf: (arch: Result["cell"]["arch"]) => priceOf(prices, "us-east-1", arch) };
const ONE = { os: ["alpine"], arch: ["arm64"], quantization: ["int8"], memory: [1024] } as const;

/** One cell whose warm answers and starts took the given times. */
function measured(samples: number[], total: number[] = [400]): Result {
  const [line] = makeResults(ONE) as [Result];
  return {
    ...line,
    warm: { samples, throughput: 100 },
    cold: { total, steps: { container: 150, node: 100, session: 100, tokenizer: 20, firstAnswer: 30 } },
  };
}

test("a cell costs what each of its requests would be billed, rounded up to milliseconds, and the fee", () => {
  const [series] = seriesOf([measured([4.2, 5.9])], options);
  const { costs, warm } = series?.latest ?? {};
  // 5 and 6 ms of 1 GB at $0.0000133334, and $0.20 per million.
  expect(costs?.perMillion.value).toBeCloseTo(0.0055 * 13.3334 + 0.2, 6);
  expect(costs?.perMillionTokens).toBeCloseTo((0.0055 * 13.3334 + 0.2) / 16, 6);
  // 250 ms of INIT and answer: the container's start is not billed.
  expect(costs?.perColdStart).toBeCloseTo(0.25 * 13.3334e-6 + 0.2e-6, 12);
  expect(warm).toMatchObject({ p50: { value: expect.closeTo(5.05, 9) }, count: 2 });
});

test("a cold start costs the mean of what is billed of each", () => {
  const line = measured([5], [400, 2000]);
  const cold = { ...line.cold, total: [400, 2000], steps: {}, billed: [250.4, 1000] };
  const [series] = seriesOf([{ ...line, cold }], options);
  expect(series?.latest.costs?.perColdStart).toBeCloseTo(((0.251 + 1) / 2) * 13.3334e-6 + 0.2e-6, 12);
});

test("/tmp beyond 512 MB is in the price", () => {
  const [plain] = seriesOf([measured([100])], options);
  const [large] = seriesOf([measured([100])], { ...options, storageOf: () => 10_240 });
  const more = (large?.latest.costs?.perMillion.value ?? 0) - (plain?.latest.costs?.perMillion.value ?? 0);
  expect(more).toBeCloseTo(0.1 * 9.5 * 0.0309, 9);
});

test("nothing is cut away: the slowest answer counts", () => {
  const [series] = seriesOf([measured([...Array(19).fill(5), 500])], options);
  expect(series?.latest.warm?.p99?.value).toBeGreaterThan(400);
  expect(series?.latest.costs?.perMillion.value).toBeCloseTo(((19 * 5 + 500) / 20 / 1000) * 13.3334 + 0.2, 5);
});

test("an emulated cell has sizes and accuracy and no times, even where a line has them", () => {
  const [series] = seriesOf([{ ...measured([5]), emulated: true }], options);
  expect(series?.latest).toMatchObject({ emulated: true, sizes: {}, accuracy: { value: 0.988 } });
  for (const name of ["warm", "cold", "costs", "peakMemoryMB"])
    expect(series?.latest).not.toHaveProperty(name);
});

test("what another machine has emulated later does not hide what was measured", () => {
  const native = measured([5]);
  const emulated = { ...measured([]), emulated: true, measuredAt: "2027-01-01T00:00:00.000Z" };
  for (const order of [
    [native, emulated],
    [emulated, native],
  ])
    expect(seriesOf(order, options)[0]?.latest).toMatchObject({ emulated: false, warm: { count: 1 } });
});

test("the source itself has accuracy 1; a failed cell its cause", () => {
  const [line] = makeResults({ ...ONE, quantization: ["fp32"] }) as [Result];
  expect(seriesOf([line], options)[0]?.latest.accuracy).toEqual({ metric: "source", value: 1 });
  const failed = { ...line, status: "failed" as const, fault: "no answer" };
  expect(seriesOf([failed], options)[0]?.latest).toMatchObject({ fault: "no answer" });
  expect(seriesOf([failed], options)[0]?.latest).not.toHaveProperty("warm");
});

test("runs of the same cell are one series in the order of time; another memory size is another", () => {
  const results = makeResults({ ...ONE, memory: [1024, 1769], runs: 3 });
  const series = seriesOf(results.toReversed(), options);
  expect(series.map(({ history }) => history.map(({ runId }) => runId))).toEqual(
    Array(2).fill(["run-0", "run-1", "run-2"]),
  );
  expect(series[0]?.latest.runId).toBe("run-2");
});

test("a baseline is a cell of its own, beside that of its system", () => {
  const names = seriesOf(makeResults({ ...ONE, baselines: ["python"] }), options).map(
    ({ latest }) => latest.name,
  );
  expect(names).toEqual(["alpine-arm64 int8", "python arm64"]);
});

test("the session alone has a name for each format that it was measured in", () => {
  const made = makeResults({ ...ONE, baselines: ["session"] });
  const results = made.flatMap((each) =>
    ["fp32", "int8"].map((quantization) => ({ ...each, cell: { ...each.cell, quantization } })),
  );
  const names = seriesOf(results, options).map(({ latest }) => latest.name);
  expect(names.filter((name) => name.startsWith("session"))).toHaveLength(2);
  expect(new Set(names).size).toBe(names.length);
});

test("the usual input is what most cells have, and of as many the smallest", () => {
  const figures = (inputs: { tokens: number; batch: number }[]) =>
    seriesOf(makeResults({ ...ONE, inputs }), options).map(({ latest }) => latest);
  const small = { tokens: 16, batch: 1 };
  const large = { tokens: 128, batch: 1 };
  expect(usualInput(figures([large, { tokens: 16, batch: 8 }, small]))).toEqual(small);
  expect(usualInput([...figures([large, small]), ...figures([large])])).toEqual(large);
  expect(usualInput([])).toBeUndefined();
});
