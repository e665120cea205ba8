import { type Abi, names } from "../../catalog.ts";
import type { ElfFacts } from "./elf.ts";

/** A symbol version that a program asks for and the system does not define. */
export interface AbiFault {
  readonly file: string;
  readonly needs: string;
  readonly has: string;
}

export interface AbiReport {
  /** How many ELF files were read. */
  readonly files: number;
  /** The newest version that any file asks for, per library. */
  readonly newest: Partial<Abi>;
  readonly faults: readonly AbiFault[];
}

/** An ELF file of an image. */
export interface ElfFile {
  readonly path: string;
  readonly elf: ElfFacts;
}

const parts = (version: string): number[] => version.split(".").map(Number);

/** Order of dotted numbers: negative when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  const at = left.findIndex((number, index) => number !== (right[index] ?? 0));
  return at < 0 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? 0);
}

/** Libraries and loaders define what is asked of them themselves: those of glibc and GCC ask for private versions. */
function* versionsOf(versions: readonly string[]): Generator<[keyof Abi, string]> {
  for (const name of versions) {
    const [, library, version] = /^(GLIBC|GLIBCXX|CXXABI)_([\d.]+)$/.exec(name) ?? [];
    if (library && version) yield [library as keyof Abi, version];
  }
}

type Versions = { -readonly [K in keyof Abi]?: string };

/** The newest of the versions, per library. */
function newestOf(lists: Iterable<readonly string[]>): Versions {
  const newest: Versions = {};
  for (const list of lists) {
    for (const [library, version] of versionsOf(list))
      if (compareVersions(version, newest[library] ?? "0") > 0) newest[library] = version;
  }
  return Object.fromEntries(names(newest).map((key) => [key, newest[key]]));
}

const LIBRARIES = /\/lib(?:c|stdc\+\+)\.so\.6(?:\.[\d.]+)?$/;

/** The newest versions that the image's own C and C++ libraries define; none for a library that it lacks. */
export const definedAbi = (files: readonly ElfFile[]): Partial<Abi> =>
  newestOf(files.filter(({ path }) => LIBRARIES.test(path)).map(({ elf }) => elf.defined));

/**
 * Checks every ELF file of an image against the newest symbol versions that its libraries define. Those of a library that
 * `abi` lacks are not checked.
 */
export function checkAbi(files: readonly ElfFile[], abi: Partial<Abi>): AbiReport {
  const faults = files.flatMap(({ path, elf }) =>
    [...versionsOf(elf.versions)].flatMap(([library, version]): AbiFault[] => {
      const has = abi[library];
      if (has === undefined || compareVersions(version, has) <= 0) return [];
      return [{ file: path, needs: `${library}_${version}`, has: `${library}_${has}` }];
    }),
  );
  return { files: files.length, newest: newestOf(files.map(({ elf }) => elf.versions)), faults };
}
