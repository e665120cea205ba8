import { ARCHES, names, OSES, PART_BASES, QUANTIZATIONS } from "../catalog.ts";

/** Values of options that a shell completes; lists may have several, with commas between. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  "--arch": names(ARCHES),
  "--base": [...names(OSES), ...names(PART_BASES)].map((name) => `${name}=`),
  "--os": names(OSES),
  "--quantization": names(QUANTIZATIONS),
};

/**
 * What may follow `--os alpine,de`: the known values after the last comma. Undefined where the word is no value of such an
 * option. Pure.
 * @param words the command line up to the word that is completed, which comes last
 */
export function valuesFor(words: readonly string[]): string[] | undefined {
  const current = words.at(-1) ?? "";
  const known = VALUES[words.at(-2) ?? ""];
  if (!known) return undefined;
  const given = current.split(",").slice(0, -1);
  const before = given.length > 0 ? `${given.join(",")},` : "";
  return known
    .filter((value) => !given.includes(value))
    .map((value) => `${before}${value}`)
    .filter((value) => value.startsWith(current));
}
