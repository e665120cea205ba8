import { expect, test } from "vitest";
import { breakEven, planCosts } from "../../../../build/bench/break-even.ts";
import { type Figures, seriesOf } from "../../../../build/bench/figures.ts";
import { type Price, priceOf, readPrices } from "../../../../build/bench/prices/prices.ts";
import { MONTH } from "../../../../build/bench/wishes.ts";
import { makeResults } from "../../../support/bench-results.ts";

const prices = await readPrices("/nowhere");
const price = priceOf(prices, "us-east-1", "amd64");

/** A cell of 1024 MB that takes so many milliseconds, warm and cold. */
function cellOf(warm: number, cold = 500, samples = [warm, warm]): Figures {
  const [line] = makeResults({ os: ["debian"], arch: ["amd64"], quantization: ["fp32"], memory: [1024] });
  const made = {
    ...line,
    warm: { samples, throughput: (1000 * samples.length) / samples.reduce((sum, each) => sum + each) },
    cold: { total: [cold], steps: { container: 0 } },
  };
  const [series] = seriesOf([made as never], { priceOf: () => price });
  return series?.latest as Figures;
}

const costOf = (plan: string, figures: Figures, rate: number, coldShare = 0, of: Price = price) =>
  planCosts({ figures, price: of }, { rate, coldShare }).find((each) => each.plan === plan);

test("each plan costs what AWS's page says of its parts", () => {
  const figures = cellOf(100);
  // By hand, for one request a second at 1 GB: 0.1 GB-s and the fee.
  expect(costOf("on demand", figures, 1)?.monthly).toBeCloseTo(MONTH * (0.1 * 1.66667e-5 + 2e-7), 6);
  expect(costOf("provisioned", figures, 1)).toMatchObject({
    kept: 1,
    monthly: expect.closeTo(MONTH * (4.1667e-6 + 0.1 * 9.7222e-6 + 2e-7), 6),
  });
  expect(costOf("SnapStart", figures, 1, 0.01)?.monthly).toBeCloseTo(
    MONTH * (1.5046e-6 + 0.1 * 1.66667e-5 + 2e-7 + 0.01 * 1.397998e-4),
    6,
  );
  // Three m7i.xlarge with a fee of 15 %, and the requests.
  expect(costOf("managed instances", figures, 1)).toMatchObject({
    kept: 3,
    monthly: expect.closeTo(730 * 3 * 0.2016 * 1.15 + MONTH * 2e-7, 4),
  });
});

test("more is kept started as the rate grows", () => {
  // 70 requests a second of 100 ms are 7 at a time, and 10 at 70 %.
  expect(costOf("provisioned", cellOf(100), 70)?.kept).toBe(10);
  expect(costOf("provisioned", cellOf(100), 71)?.kept).toBe(11);
});

test("times between which a median leaps: what is kept started is for their mean", () => {
  // 82 ms on average, with a median of 10.
  const leaping = cellOf(0, 500, [10, 10, 10, 190, 190]);
  expect(costOf("provisioned", leaping, 70)?.kept).toBe(Math.ceil((70 * 0.082) / 0.7));
  const even = cellOf(0, 500, [82, 82]);
  expect(costOf("provisioned", leaping, 1)?.monthly).toBeCloseTo(
    costOf("provisioned", even, 1)?.monthly ?? 0,
    9,
  );
});

test("from the break-even on a plan costs no more than on demand, and just below it does", () => {
  const figures = cellOf(100);
  const from = breakEven({ figures, price }, "provisioned", { coldShare: 0 }) as number;
  const difference = (rate: number) =>
    (costOf("provisioned", figures, rate)?.monthly ?? 0) - (costOf("on demand", figures, rate)?.monthly ?? 0);
  expect(difference(from)).toBeLessThanOrEqual(0);
  expect(difference(from / 1.03)).toBeGreaterThan(0);
  // AWS's prices meet where an environment works 60 % of its time: 6 requests of 100 ms a second.
  expect(from).toBeGreaterThan(5.9);
  expect(from).toBeLessThan(6.2);
});

test("SnapStart never pays for a short INIT, and does for one of 20 s", () => {
  expect(breakEven({ figures: cellOf(10, 500), price }, "SnapStart", { coldShare: 0.01 })).toBeUndefined();
  expect(breakEven({ figures: cellOf(10, 20_000), price }, "SnapStart", { coldShare: 0.01 })).toBeGreaterThan(
    0,
  );
});

test("a region without a plan's prices has no such plan, and a cell without times none at all", () => {
  const { provisioned: _, snapStart: __, managedInstance: ___, ...bare } = price;
  const load = { rate: 1, coldShare: 0 };
  expect(planCosts({ figures: cellOf(10), price: bare }, load).map(({ plan }) => plan)).toEqual([
    "on demand",
  ]);
  const [series] = seriesOf(makeResults({ emulated: ["amd64"], arch: ["amd64"] }), { priceOf: () => price });
  expect(planCosts({ figures: series?.latest as Figures, price }, load)).toEqual([]);
});
