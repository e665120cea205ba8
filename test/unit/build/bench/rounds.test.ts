import { expect, test } from "vitest";
import { Collected } from "../../../../build/bench/rounds.ts";

const round = (calls: number[], starts: number[], container = 400) => ({
  calls,
  starts: starts.map((milliseconds) => ({ milliseconds, steps: { node: 30, session: 20, tokenizer: 5 } })),
  peakMB: 100 + calls.length,
  container,
});

test("rounds are joined, and nothing is cut away", () => {
  const collected = new Collected();
  collected.add(round([2, 3, 50], [100, 110]));
  collected.add(round([2.5, 2], [105]));
  expect(collected.result()).toEqual({
    cold: {
      total: [500, 510, 505],
      rounds: [2, 1],
      billed: [100, 110, 105],
      steps: { container: 400, node: 30, session: 20, tokenizer: 5, firstAnswer: 50 },
    },
    warm: { samples: [2, 3, 50, 2.5, 2], rounds: [3, 2], throughput: 84.034 },
    peakMemoryMB: 103,
  });
});

test("steps add up to the median of the whole start", () => {
  const collected = new Collected();
  collected.add(round([1], [90, 100, 110]));
  const { steps = {}, total = [] } = collected.result().cold ?? {};
  expect(Object.values(steps).reduce<number>((sum, step = 0) => sum + step, 0)).toBe(total[1]);
});

test("an interval is narrow when many values agree", () => {
  const collected = new Collected();
  collected.add(round([2, 2], [100, 100]));
  expect(collected.isNarrow(0.05)).toBe(false);
  for (let each = 0; each < 10; each++)
    collected.add(round([2 + each / 100, 2.01, 1.99], [100 + each / 10, 101, 99]));
  expect(collected.isNarrow(0.05)).toBe(true);
  expect(collected.isNarrow(0.0001)).toBe(false);
});

test("steps that a program does not tell are left out", () => {
  const collected = new Collected();
  collected.add({ calls: [1], starts: [{ milliseconds: 50, steps: {} }], peakMB: 50, container: 300 });
  expect(collected.result().cold?.steps).toEqual({ container: 300, firstAnswer: 50 });
});

test("every start has the start of its own container: a slow one is not cut away", () => {
  const collected = new Collected();
  for (const container of [400, 400, 900]) collected.add(round([2], [100, 100], container));
  const { total, billed, steps } = collected.result().cold ?? {};
  expect(total).toEqual([500, 500, 500, 500, 1000, 1000]);
  expect(billed).toEqual(Array(6).fill(100));
  expect(steps?.container).toBe(400);
});
