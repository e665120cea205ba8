import { UserError } from "../../errors.ts";
import type { Price } from "./prices.ts";

/** What Lambda bills a function's memory and time by: https://aws.amazon.com/lambda/pricing/ */
export interface Size {
  readonly memoryMB: number;
  /** Of /tmp; 512 are free. */
  readonly storageMB?: number | undefined;
}

/** MB of /tmp that are in the price of the memory. */
const FREE_STORAGE = 512;

export const gigabytes = (megabytes: number): number => megabytes / 1024;

/** Dollars for a second of an environment that works. */
function secondCost(
  price: Price,
  { memoryMB, storageMB = FREE_STORAGE }: Size,
  perGb = price.gbSecond,
): number {
  const storage = gigabytes(Math.max(0, storageMB - FREE_STORAGE)) * (price.storageGbSecond ?? 0);
  return gigabytes(memoryMB) * perGb + storage;
}

/** Dollars for a time, which Lambda rounds up to the next millisecond. */
export const durationCost = (price: Price, size: Size, milliseconds: number, perGb?: number): number =>
  (Math.ceil(milliseconds) / 1000) * secondCost(price, size, perGb);

/** Dollars for one request that takes the given time; `perGb` where a GB-second has another price than on demand. */
export const requestCost = (price: Price, size: Size, milliseconds: number, perGb?: number): number =>
  price.request + durationCost(price, size, milliseconds, perGb);

/** Below this many milliseconds the request fee is more than the time: half of the price stays whatever is made faster. */
export const feeRulesBelow = (price: Price, size: Size): number =>
  (price.request / secondCost(price, size)) * 1000;

interface Billed {
  readonly snapStart?: boolean | undefined;
  /** Of /tmp; 512 are free. */
  readonly storageMB?: number | undefined;
}

/** What a function is billed for and a row of the table has no price of: "SnapStart", "/tmp". */
export const unpriced = (price: Price, { snapStart = false, storageMB = 0 }: Billed): string[] => [
  ...(snapStart && !price.snapStart ? ["SnapStart"] : []),
  ...(storageMB > FREE_STORAGE && price.storageGbSecond === undefined
    ? [`/tmp beyond ${FREE_STORAGE} MB`]
    : []),
];

/** @throws UserError (exit 2) for what would be counted as free, where a budget has to be kept */
export function requirePrices(price: Price, billed: Billed): void {
  const missing = unpriced(price, billed);
  if (missing.length > 0)
    throw new UserError(`No price of ${missing.join(" and ")} in ${price.region}`, {
      hint: "Fetch those of every region: mkimage prices update",
    });
}
