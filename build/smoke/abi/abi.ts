import type { Readable } from "node:stream";
import { extract } from "tar-stream";
import { type Abi, names } from "../../catalog.ts";
import { isElf, readElf } from "./elf.ts";

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

/**
 * Checks every ELF file of an image's file system (a tar stream) against the newest symbol versions that its operating
 * system's libraries define. `visit` is shown each of them.
 */
export async function checkAbi(
  tar: Readable,
  abi: Abi,
  visit: (path: string, content: Buffer) => void = () => {},
): Promise<AbiReport> {
  const newest: { -readonly [K in keyof Abi]?: string } = {};
  const faults: AbiFault[] = [];
  let files = 0;
  const archive = tar.pipe(extract());
  tar.on("error", (error) => archive.destroy(error));
  for await (const entry of archive) {
    if (entry.header.type !== "file" || (entry.header.size ?? 0) < 64) {
      entry.resume();
      continue;
    }
    const content = await readElfFile(entry as unknown as AsyncIterable<Buffer>);
    const facts = readElf(content);
    if (!facts) continue;
    visit(`/${entry.header.name}`, content);
    files++;
    for (const [library, version] of versionsOf(facts.versions)) {
      if (compareVersions(version, newest[library] ?? "0") > 0) newest[library] = version;
      if (compareVersions(version, abi[library]) > 0) {
        faults.push({
          file: `/${entry.header.name}`,
          needs: `${library}_${version}`,
          has: `${library}_${abi[library]}`,
        });
      }
    }
  }
  return { files, newest: Object.fromEntries(names(newest).map((key) => [key, newest[key]])), faults };
}

/** The whole file if it is ELF, otherwise nothing: other files are not kept in memory. */
async function readElfFile(entry: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let wanted: boolean | undefined;
  for await (const chunk of entry) {
    if (wanted === false) continue;
    chunks.push(chunk);
    if (wanted === undefined) {
      const head = chunks.length === 1 ? chunk : Buffer.concat(chunks);
      if (head.length > 64) wanted = isElf(head);
    }
  }
  return wanted ? Buffer.concat(chunks) : Buffer.alloc(0);
}
