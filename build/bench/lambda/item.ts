import type { Price } from "../prices/prices.ts";
import type { Result } from "../results.ts";
import type { BenchSource } from "./source.ts";

/** An image with memory size, SnapStart setting and input: what one line of results is about. */
export interface LambdaItem {
  readonly name: string;
  readonly source: BenchSource;
  readonly cell: Result["cell"];
  readonly memory: number;
  readonly snapStart: boolean;
  readonly event: string;
  readonly input: Result["input"];
  readonly price: Price;
  /** Milliseconds of a start and of a warm call in an earlier run. */
  readonly known: { readonly coldMs?: number | undefined; readonly warmMs?: number | undefined };
}

/** Starts and warm calls of each round. Every start is a change of the function, which takes Lambda seconds. */
export const COLD = 3;
export const WARM = 50;

export const sizeOf = ({ memory, source }: LambdaItem) => ({
  memoryMB: memory,
  storageMB: source.settings.ephemeralStorage,
});
