/** How many earlier versions are kept: a description has 256 characters. */
const KEPT = 5;
const RECORD = /^mkimage: live before: (\d+(?:, \d+)*)$/;

/**
 * The versions that an alias had before, the latest first, as its description records them. The description changes in the
 * same call as the version, so that the record is never about another one. Empty for an alias without a record.
 */
export function liveBefore(description: string | undefined): string[] {
  const [, versions] = RECORD.exec(description ?? "") ?? [];
  return versions?.split(", ") ?? [];
}

/** The description that records these versions. */
export const recordOf = (versions: readonly string[]): string =>
  versions.length > 0
    ? `mkimage: live before: ${versions.slice(0, KEPT).join(", ")}`
    : "mkimage: nothing was live before";
