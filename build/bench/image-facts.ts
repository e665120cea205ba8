import type { Result } from "./results.ts";

/** What sizes and accuracy depend on: the image as this mkimage makes it of this lock, wherever it runs. */
const imageOf = ({ run, cell }: Result): string =>
  JSON.stringify([
    cell.function,
    cell.model,
    cell.os,
    cell.arch,
    cell.quantization,
    cell.baseline,
    run.lockDigest,
    run.mkimage,
  ]);

/**
 * Gives lines without sizes or accuracy those of a line of the same image: what was measured in Lambda has none of its own,
 * since the registry does not tell them. Pure.
 */
export function withImageFacts(results: readonly Result[]): Result[] {
  const known = new Map<string, Pick<Result, "sizes" | "accuracy">>();
  for (const each of results) {
    const { sizes, accuracy } = each;
    if (sizes ?? accuracy)
      known.set(imageOf(each), {
        ...known.get(imageOf(each)),
        ...(sizes && { sizes }),
        ...(accuracy && { accuracy }),
      });
  }
  return results.map((each) => ({ ...known.get(imageOf(each)), ...each }));
}
