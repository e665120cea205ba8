import { dollars } from "../format.ts";
import { durationCost, gigabytes, requestCost, type Size } from "../prices/costs.ts";
import type { Price } from "../prices/prices.ts";

/** Seconds that a snapshot is billed for at least. */
const LEAST_CACHED = 3 * 3600;

/** Dollars of keeping the snapshot of one version as short as Lambda bills it. */
export const snapshotCost = (price: Price, { memoryMB }: Size): number =>
  (price.snapStart?.cacheGbSecond ?? 0) * gigabytes(memoryMB) * LEAST_CACHED;

/** Dollars of one invocation by its billed milliseconds. */
export const callCost = (price: Price, size: Size, billed: number, restored: boolean): number =>
  requestCost(price, size, billed) +
  (restored ? (price.snapStart?.restoreGb ?? 0) * gigabytes(size.memoryMB) : 0);

/** What is asked of Lambda in one round, for its price before it is measured. */
export interface Load {
  readonly price: Price;
  readonly size: Size;
  readonly snapStart: boolean;
  readonly cold: number;
  readonly warm: number;
  /** Milliseconds of a start and of a warm call, where an earlier run knows them. */
  readonly coldMs?: number | undefined;
  readonly warmMs?: number | undefined;
}

/** Milliseconds that a start and a call are taken for where nothing is known of them. */
const GUESS = { coldMs: 5000, warmMs: 200 } as const;

/** Dollars of a round, about. Pure. */
export function roundCost({ price, size, snapStart, cold, warm, coldMs, warmMs }: Load): number {
  const starts = cold * callCost(price, size, coldMs ?? GUESS.coldMs, snapStart);
  return (
    starts +
    warm * callCost(price, size, warmMs ?? GUESS.warmMs, false) +
    (snapStart ? snapshotCost(price, size) : 0)
  );
}

/** Dollars of a time in which one environment works without a pause: more than a run of so many seconds can cost. */
export const timeCost = (price: Price, size: Size, seconds: number): number =>
  durationCost(price, size, seconds * 1000);

/** Keeps what a run spends below what it may. */
export class Budget {
  readonly #most: number;
  #spent = 0;
  readonly #rounds = new Map<unknown, number>();

  /** @param most dollars; Infinity for a run without a limit */
  constructor(most: number) {
    this.#most = most;
  }

  get spent(): number {
    return this.#spent;
  }

  add(cost: number): void {
    this.#spent += cost;
  }

  /** Whether so many further dollars may be spent. */
  allows(cost: number): boolean {
    return this.#spent + cost <= this.#most;
  }

  /** Says why a cost is refused. */
  refusal(cost: number): string {
    return `--max-cost ${dollars(this.#most)}: ${dollars(this.#spent)} is spent, and what comes next costs about ${dollars(cost)}`;
  }

  /** Does a round of an item, and keeps what the dearest has cost for the guess of the next. */
  async round<T>(item: unknown, action: () => Promise<T>): Promise<T> {
    const before = this.#spent;
    try {
      return await action();
    } finally {
      this.#rounds.set(item, Math.max(this.#rounds.get(item) ?? 0, this.#spent - before));
    }
  }

  /** What the dearest round of an item has cost; undefined before the first. */
  dearestRound(item: unknown): number | undefined {
    return this.#rounds.get(item);
  }
}
