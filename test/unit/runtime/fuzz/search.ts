import fc from "fast-check";

/** How long each property is looked into, in milliseconds; a failure tells the seed and the path that show it again. */
const TIME = Number(process.env.FUZZ_MS ?? 700);
const { FUZZ_SEED: seed, FUZZ_PATH: path } = process.env;

/** Looks for a counterexample until the time is up, shrinks what it finds, and throws it. */
export async function search<T>(
  property: fc.IAsyncPropertyWithHooks<T> | fc.IPropertyWithHooks<T>,
): Promise<void> {
  // On a busy machine the time may be up before the first run.
  if (!path) await fc.assert(property, { numRuns: 1, ...(seed ? { seed: Number(seed) } : {}) });
  const found = await fc.check(property, {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: TIME,
    markInterruptAsFailure: false,
    ...(seed ? { seed: Number(seed) } : {}),
    ...(path ? { path, endOnFailure: true } : {}),
  });
  if (found.failed && found.counterexample !== null) throw new Error(fc.defaultReportMessage(found));
}
