import { ARCHES, type Arch, names, PART_BASES } from "../catalog.ts";
import { type BakeFile, makeBakeFile, type Part } from "../clients/bake-file.ts";
import { NO_ATTESTATIONS, type PartOptions, recipe } from "./targets.ts";

const { node: NODE, rie: RIE, glibc: GLIBC } = PART_BASES;

/** Where the emulator for an architecture is in the image of the caller, and in a container that mounts its volume. */
export const riePath = (arch: Arch): string => `/mkimage/rie-${arch}`;

interface CallerOptions extends PartOptions {
  /** The engine's own: it is not emulated. */
  readonly arch: Arch;
  readonly reference: string;
  readonly label: Readonly<Record<string, string>>;
}

/** The image of the caller (images/caller), made of the parts that images of functions have as well. Pure. */
export function toCallerFile({ arch, reference, label, ...options }: CallerOptions): BakeFile {
  const { platform, triplet } = ARCHES[arch];
  const rieParts = names(ARCHES).map((each): Part => {
    // Of the caller's platform, like all that it is joined from: a builder of several nodes makes them on one.
    const args = { NODE, RIE, RIE_PLATFORM: ARCHES[each].platform };
    return [`rie-${each}`, recipe("rie", options, { target: "with", args, platforms: [platform] })];
  });
  const parts: Part[] = [
    [
      "glibc",
      recipe("glibc", options, {
        // Nothing is below it: the loader goes to where programs look for it.
        args: { NODE, GLIBC, BASE: "scratch", TRIPLET: triplet },
        platforms: [platform],
      }),
    ],
    ["node", recipe("node", options, { args: { NODE }, platforms: [platform] })],
    ...rieParts,
  ];
  const caller = recipe("caller", options, {
    contexts: Object.fromEntries(parts.map(([name]) => [name, `target:${name}`])),
    platforms: [platform],
    labels: label,
    tags: [reference],
    output: ["type=docker"],
    attest: NO_ATTESTATIONS,
  });
  return makeBakeFile(["caller"], [...parts, ["caller", caller]]);
}
