import { readdirSync, statSync } from "node:fs";

/** Share of the function's memory that models may fill before some are closed; the rest is for requests. */
const SHARE = 0.85;

/**
 * Memory of a model relative to its files, before it is measured: it needs buffers and weights in another layout too.
 */
const OVERHEAD = 1.3;

export interface Memory {
  hasRoomFor(model: string): boolean;
  /** Opens a model and records how much memory it took. */
  measured<T>(model: string, open: () => Promise<T>): Promise<T>;
}

interface MemoryOptions {
  /** AWS_LAMBDA_FUNCTION_MEMORY_SIZE in bytes; Infinity when there is no limit. */
  readonly limit: number;
  readonly used: () => number;
  readonly sizeOf: (model: string) => number;
}

export function memoryWatch({ limit, used, sizeOf }: MemoryOptions): Memory {
  const taken = new Map<string, number>();
  return {
    hasRoomFor: (model) => used() + (taken.get(model) ?? sizeOf(model) * OVERHEAD) <= limit * SHARE,
    async measured(model, open) {
      const before = used();
      const opened = await open();
      taken.set(model, Math.max(taken.get(model) ?? 0, used() - before));
      return opened;
    },
  };
}

export function sizeOfFolder(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { name }) => sum + statSync(`${folder}/${name}`).size, 0);
}
