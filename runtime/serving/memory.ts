import { readdirSync, statSync } from "node:fs";

/** Share of the function's memory that is filled before models are closed; the rest is for requests. */
const SHARE = 0.85;

/** A model needs more than its files: buffers of the runs, and weights arranged anew. Replaced by what was measured. */
const OVERHEAD = 1.3;

/** Knows whether another model fits into the function's memory. */
export interface Memory {
  hasRoomFor(model: string): boolean;
  /** Opens a model and remembers how much it took. */
  measured<T>(model: string, open: () => Promise<T>): Promise<T>;
}

interface MemoryOptions {
  /** AWS_LAMBDA_FUNCTION_MEMORY_SIZE in bytes; Infinity when there is no limit. */
  readonly limit: number;
  /** Bytes that the process holds now. */
  readonly used: () => number;
  /** Bytes of the model's files. */
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

/** Bytes of the files in a model's folder. */
export function sizeOfFolder(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { name }) => sum + statSync(`${folder}/${name}`).size, 0);
}
