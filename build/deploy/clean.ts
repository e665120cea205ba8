import { ARCHES } from "../catalog.ts";
import type { RegistryImage } from "../clients/ecr.ts";
import type { Alias, FunctionConfiguration } from "../clients/lambda.ts";
import { versionsOf } from "./live.ts";
import { liveBefore } from "./record.ts";

/** Versions that any alias of a function names: live, in a shift, or in the record of what was live before. Pure. */
const namedVersions = (aliases: readonly Alias[]): ReadonlySet<string> =>
  new Set(aliases.flatMap((alias) => [...versionsOf(alias), ...liveBefore(alias.Description)]));

/**
 * The versions that may go: all but those that an alias or its record names, and the newest of the others. Pure.
 * @param versions oldest first
 */
export function superfluousVersions(
  versions: readonly FunctionConfiguration[],
  { aliases, keep }: { readonly aliases: readonly Alias[]; readonly keep: number },
): string[] {
  const named = namedVersions(aliases);
  const others = versions.flatMap(({ Version = "" }) => (named.has(Version) ? [] : [Version]));
  return others.slice(0, Math.max(0, others.length - keep));
}

/** The cell of an image by its tag, whose last parts it is: `1.4.0-alpine-arm64`. */
function cellOf({ tags: [tag = ""] }: RegistryImage): string {
  const parts = tag.split("-");
  const arch = parts.findLastIndex((part) => Object.hasOwn(ARCHES, part));
  return parts.slice(Math.max(0, arch - 1)).join("-");
}

/** The image that an artifact is about, also of a list of artifacts, which has that digest as its tag (`sha256-…`). */
const subjectOf = ({ subject, tags: [tag = ""] }: RegistryImage): string | undefined =>
  subject ?? (/^sha256-[0-9a-f]{64}$/.test(tag) ? tag.replace("-", ":") : undefined);

/**
 * The images of a repository that may go: all but those that a version of a function has, and the newest of each cell. What
 * is about an image, such as its SBOM, stays and goes with it. Pure.
 * @param used digests of the images that versions have
 */
export function superfluousImages(
  images: readonly RegistryImage[],
  { used, keep }: { readonly used: ReadonlySet<string>; readonly keep: number },
): RegistryImage[] {
  const own = images.filter((image) => subjectOf(image) === undefined);
  const cells = Object.values(Object.groupBy(own, cellOf)) as RegistryImage[][];
  const going = cells.flatMap((cell) =>
    cell
      .toSorted((a, b) => b.pushedAt - a.pushedAt)
      .slice(keep)
      .filter(({ digest }) => !used.has(digest)),
  );
  const gone = new Set(going.map(({ digest }) => digest));
  return [...images.filter((image) => gone.has(subjectOf(image) ?? "")), ...going];
}
