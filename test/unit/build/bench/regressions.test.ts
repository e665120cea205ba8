import { expect, test } from "vitest";
import { earlierRun, regressions } from "../../../../build/bench/regressions.ts";
import type { Result } from "../../../../build/bench/results.ts";
import { refusal } from "../../../support/refusal.ts";

const around = (middle: number, count = 50) =>
  Array.from({ length: count }, (_, index) => middle * (1 + ((index % 5) - 2) / 100));

const result = (
  id: string,
  { warm, cold, memory = 1769 }: { warm: number; cold: number; memory?: number },
): Result => ({
  version: 1,
  run: {
    id,
    startedAt: "2026-11-26T00:00:00Z",
    target: "local",
    machine: { cpu: "c", arch: "amd64", features: [], cores: 2, memoryMB: 1000 },
    mkimage: "0.1.0",
    lockDigest: "sha256:0",
  },
  measuredAt: "2026-11-26T00:00:00Z",
  cell: {
    function: "f",
    os: "debian",
    arch: "amd64",
    model: "m",
    task: "feature-extraction",
    quantization: "fp32",
    reference: "r",
    configDigest: "sha256:1",
  },
  memoryMB: memory,
  input: { tokens: 16, batch: 1 },
  emulated: false,
  status: "measured",
  warm: { samples: around(warm), throughput: 1000 / warm },
  cold: { total: around(cold, 20), steps: {} },
});

test("only what is slower beyond both intervals is a regression", () => {
  const before = [result("a", { warm: 10, cold: 100 })];
  expect(regressions(before, [result("b", { warm: 10.02, cold: 100 })])).toEqual([]);
  expect(regressions(before, [result("b", { warm: 8, cold: 90 })])).toEqual([]);
  const found = regressions(before, [result("b", { warm: 12, cold: 100 })]);
  expect(found.map(({ what }) => what)).toEqual(["warm"]);
  expect(found[0]?.now.value).toBeCloseTo(12, 1);
  expect(regressions(before, [result("b", { warm: 12, cold: 130, memory: 512 })])).toEqual([]);
});

test("an earlier run is the last one, or that of an id", async () => {
  const known = [result("a", { warm: 1, cold: 1 }), result("b", { warm: 2, cold: 1 })];
  expect(earlierRun(known, "last", known)[0]?.run.id).toBe("b");
  expect(earlierRun(known, "a", known)[0]?.run.id).toBe("a");
  const error = await refusal(() => earlierRun(known, "c", known));
  expect(error.hint).toBe("Known: last, a, b.");
  expect((await refusal(() => earlierRun([], "last", known))).hint).toBe("Measure once without --against.");
});

test("the last run is the last that has what is measured now; a run without it is refused, since nothing would be compared", async () => {
  const known = [
    result("a", { warm: 1, cold: 1 }),
    result("b", { warm: 2, cold: 1, memory: 512 }),
    result("c", { warm: 3, cold: 1, memory: 1024 }),
  ];
  expect(earlierRun(known, "last", known.slice(1, 2)).map(({ run }) => run.id)).toEqual(["b"]);
  const error = await refusal(() => earlierRun(known, "a", known.slice(1)));
  expect(error.message).toBe("--against a: nothing that is measured now was measured then");
  expect(error.hint).toBe("Known: last, b, c.");
  const none = await refusal(() =>
    earlierRun(known, "last", [result("", { warm: 1, cold: 1, memory: 128 })]),
  );
  expect(none.message).toBe("--against last: nothing that is measured now was measured then");
});

test("of a cell that a run has twice, as after --resume, the newer line is compared", () => {
  const twice = [result("a", { warm: 10, cold: 100 }), result("a", { warm: 20, cold: 100 })];
  expect(regressions(twice, [result("b", { warm: 15, cold: 100 })])).toEqual([]);
});
