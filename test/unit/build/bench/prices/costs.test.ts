import { expect, test } from "vitest";
import {
  durationCost,
  feeRulesBelow,
  requestCost,
  requirePrices,
  unpriced,
} from "../../../../../build/bench/prices/costs.ts";
import { priceOf, readPrices } from "../../../../../build/bench/prices/prices.ts";
import { temporaryFolder } from "../../../../support/folder.ts";

const prices = await readPrices("/nowhere");
const arm = priceOf(prices, "us-east-1", "arm64");
const amd = priceOf(prices, "us-east-1", "amd64");

test("the first example of AWS's price page: 3 million requests of 120 ms at 1536 MB", () => {
  // 540,000 GB-s and 3 M requests, without the free tier: $9.00 and $0.60.
  expect(3e6 * requestCost(amd, { memoryMB: 1536 }, 120)).toBeCloseTo(9.0 + 0.6, 2);
});

test("a time is rounded up to the next millisecond, and /tmp beyond 512 MB costs", () => {
  expect(durationCost(arm, { memoryMB: 1024 }, 3.01)).toBeCloseTo(0.004 * 1.33334e-5, 15);
  expect(durationCost(arm, { memoryMB: 1024, storageMB: 512 }, 1000)).toBeCloseTo(1.33334e-5, 12);
  expect(durationCost(arm, { memoryMB: 1024, storageMB: 1536 }, 1000)).toBeCloseTo(1.33334e-5 + 3.09e-8, 12);
});

test("on arm64 the request fee rules below 8.7 ms at one vCPU", () => {
  expect(feeRulesBelow(arm, { memoryMB: 1769 })).toBeCloseTo(8.68, 1);
});

test("a region without prices is refused with the nearest one and the command", () => {
  const refusal = (region: string) => {
    try {
      priceOf(prices, region, "arm64");
    } catch (error) {
      return `${(error as Error).message} | ${(error as { hint?: string }).hint}`;
    }
    return "";
  };
  expect(refusal("us-esat-1")).toMatch(
    /No prices of region "us-esat-1".*--region us-east-1.*mkimage prices update/,
  );
  expect(refusal("eu-central-9")).toContain("--region eu-central-1");
  expect(refusal("mars-north-1")).toContain("mkimage prices update");
});

test("a project's own table counts; one at fault is named with the path in it", async () => {
  const own = [{ ...arm, region: "moon-1" }];
  expect(await readPrices(await temporaryFolder({ "bench/prices.json": own }))).toEqual(own);
  const folder = await temporaryFolder({ "bench/prices.json": [{ ...arm, gbSecond: -1 }] });
  await expect(readPrices(folder)).rejects.toThrow(/bench\/prices.json is not valid\n.*0\.gbSecond/s);
});

test("what a region has no price of is told, and refused where a budget has to be kept", () => {
  const { snapStart: _, storageGbSecond: __, ...bare } = amd;
  expect(unpriced(bare, { snapStart: true, storageMB: 1024 })).toEqual(["SnapStart", "/tmp beyond 512 MB"]);
  expect(unpriced(bare, { snapStart: false, storageMB: 512 })).toEqual([]);
  expect(unpriced(amd, { snapStart: true, storageMB: 10_240 })).toEqual([]);
  expect(() => requirePrices(bare, { snapStart: true })).toThrow("No price of SnapStart in us-east-1");
});
