/** Reads what a static check needs from an ELF file: https://refspecs.linuxbase.org/elf/gabi4+/contents.html */

const SHT_DYNAMIC = 6;
const SHT_GNU_VERDEF = 0x6ffffffd;
const SHT_GNU_VERNEED = 0x6ffffffe;
const PT_INTERP = 3;
const DT_NEEDED = 1n;

export interface ElfFacts {
  /** `e_machine`: 62 is x86-64, 183 is AArch64. */
  readonly machine: number;
  /** Names of the libraries it is linked to (DT_NEEDED). */
  readonly needed: readonly string[];
  /** Symbol versions it asks of libraries (SHT_GNU_verneed), such as GLIBC_2.34. */
  readonly versions: readonly string[];
  /** Symbol versions that it defines itself (SHT_GNU_verdef), as the libraries of a system do. */
  readonly defined: readonly string[];
  /** The program that loads it (PT_INTERP); undefined for a library and for a static program. */
  readonly interpreter: string | undefined;
}

/** Whether a file starts as an ELF file does. */
export const isElf = (head: Buffer): boolean => head.length > 64 && head.readUInt32BE(0) === 0x7f454c46;

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
}

function readSections(file: Buffer): Section[] {
  const start = Number(file.readBigUInt64LE(0x28));
  const [entrySize, count] = [file.readUInt16LE(0x3a), file.readUInt16LE(0x3c)];
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * entrySize;
    return {
      type: file.readUInt32LE(at + 4),
      offset: Number(file.readBigUInt64LE(at + 0x18)),
      size: Number(file.readBigUInt64LE(at + 0x20)),
      link: file.readUInt32LE(at + 0x28),
      info: file.readUInt32LE(at + 0x2c),
    };
  });
}

function sectionAt(sections: readonly Section[], index: number): Section {
  const section = sections[index];
  if (!section) throw new RangeError(`no section ${index}`);
  return section;
}

const text = (file: Buffer, at: number): string => file.toString("latin1", at, file.indexOf(0, at));

function readNeeded(file: Buffer, dynamic: Section, strings: Section): string[] {
  const found: string[] = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
    if (file.readBigUInt64LE(at) === DT_NEEDED) {
      found.push(text(file, strings.offset + Number(file.readBigUInt64LE(at + 8))));
    }
  }
  return found;
}

/** Verneed records form a list, and each has a list of Vernaux records with the versions' names. */
function readVersions(file: Buffer, verneed: Section, strings: Section): string[] {
  const found: string[] = [];
  let at = verneed.offset;
  for (let record = 0; record < verneed.info; record++) {
    let aux = at + file.readUInt32LE(at + 8);
    for (let index = 0; index < file.readUInt16LE(at + 2); index++) {
      found.push(text(file, strings.offset + file.readUInt32LE(aux + 8)));
      aux += file.readUInt32LE(aux + 12);
    }
    const next = file.readUInt32LE(at + 12);
    if (next === 0) break;
    at += next;
  }
  return found;
}

/** Verdef records form a list; the first Verdaux record of each has the version's name. */
function readDefined(file: Buffer, verdef: Section, strings: Section): string[] {
  const found: string[] = [];
  let at = verdef.offset;
  for (let record = 0; record < verdef.info; record++) {
    const aux = at + file.readUInt32LE(at + 12);
    found.push(text(file, strings.offset + file.readUInt32LE(aux)));
    const next = file.readUInt32LE(at + 16);
    if (next === 0) break;
    at += next;
  }
  return found;
}

function readInterpreter(file: Buffer): string | undefined {
  const start = Number(file.readBigUInt64LE(0x20));
  const [entrySize, count] = [file.readUInt16LE(0x36), file.readUInt16LE(0x38)];
  for (let at = start; at < start + count * entrySize; at += entrySize) {
    if (file.readUInt32LE(at) === PT_INTERP) return text(file, Number(file.readBigUInt64LE(at + 8)));
  }
  return undefined;
}

/**
 * The facts of a 64-bit little-endian ELF file; undefined for other classes and for files that are cut short. A file
 * without section headers (packed) has no versions to check.
 */
export function readElf(file: Buffer): ElfFacts | undefined {
  if (!isElf(file) || file[4] !== 2 || file[5] !== 1) return undefined;
  try {
    const sections = readSections(file);
    const collect = (type: number, read: (file: Buffer, section: Section, strings: Section) => string[]) =>
      sections
        .filter((section) => section.type === type)
        .flatMap((section) => read(file, section, sectionAt(sections, section.link)));
    return {
      machine: file.readUInt16LE(0x12),
      needed: collect(SHT_DYNAMIC, readNeeded),
      versions: [...new Set(collect(SHT_GNU_VERNEED, readVersions))],
      defined: [...new Set(collect(SHT_GNU_VERDEF, readDefined))],
      interpreter: readInterpreter(file),
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
