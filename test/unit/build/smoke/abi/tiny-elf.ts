/** Writes ELF files with nothing but what a static check reads: DT_NEEDED and the versions asked of each library. */

const HEADER = 64;
const SECTION = 64;

export interface TinyElf {
  /** Library → symbol versions asked of it. */
  readonly versions?: Readonly<Record<string, readonly string[]>>;
  /** 62 is x86-64, 183 is AArch64. */
  readonly machine?: number;
}

interface Piece {
  readonly type: number;
  readonly content: Buffer;
  readonly info?: number;
}

/** A 64-bit little-endian ELF file whose sections are: null, strings, dynamic, verneed. */
export function tinyElf({ versions = {}, machine = 62 }: TinyElf = {}): Buffer {
  const libraries = Object.entries(versions);
  const strings = stringTable([
    ...libraries.map(([name]) => name),
    ...libraries.flatMap(([, names]) => names),
  ]);
  const pieces: Piece[] = [
    { type: 0, content: Buffer.alloc(0) },
    { type: 3, content: strings.content },
    { type: 6, content: dynamic(libraries.map(([name]) => strings.at(name))) },
    { type: 0x6ffffffe, content: verneed(libraries, strings.at), info: libraries.length },
  ];
  const body = Buffer.concat(pieces.map(({ content }) => content));
  const header = Buffer.alloc(HEADER);
  header.write("\x7fELF\x02\x01\x01", "latin1");
  header.writeUInt16LE(machine, 0x12);
  header.writeBigUInt64LE(BigInt(HEADER + body.length), 0x28);
  header.writeUInt16LE(SECTION, 0x3a);
  header.writeUInt16LE(pieces.length, 0x3c);
  return Buffer.concat([header, body, ...sectionHeaders(pieces)]);
}

function stringTable(names: readonly string[]) {
  const content = Buffer.from(`\0${names.map((name) => `${name}\0`).join("")}`, "latin1");
  return { content, at: (name: string) => content.indexOf(`\0${name}\0`, 0, "latin1") + 1 };
}

/** DT_NEEDED entries, an entry of another kind, and the end. */
function dynamic(needed: readonly number[]): Buffer {
  const entries = [...needed.map((at) => [1, at]), [30, 8], [0, 0]].flat();
  const content = Buffer.alloc(entries.length * 8);
  for (const [index, value] of entries.entries()) content.writeBigUInt64LE(BigInt(value), index * 8);
  return content;
}

function verneed(libraries: [string, readonly string[]][], at: (name: string) => number): Buffer {
  return Buffer.concat(
    libraries.map(([library, names], index) => {
      const record = Buffer.alloc(16 + names.length * 16);
      record.writeUInt16LE(1, 0);
      record.writeUInt16LE(names.length, 2);
      record.writeUInt32LE(at(library), 4);
      record.writeUInt32LE(16, 8);
      record.writeUInt32LE(index + 1 < libraries.length ? record.length : 0, 12);
      for (const [aux, name] of names.entries()) {
        record.writeUInt32LE(at(name), 16 + aux * 16 + 8);
        record.writeUInt32LE(aux + 1 < names.length ? 16 : 0, 16 + aux * 16 + 12);
      }
      return record;
    }),
  );
}

function sectionHeaders(pieces: readonly Piece[]): Buffer[] {
  let offset = HEADER;
  return pieces.map(({ type, content, info = 0 }) => {
    const header = Buffer.alloc(SECTION);
    header.writeUInt32LE(type, 4);
    header.writeBigUInt64LE(BigInt(offset), 0x18);
    header.writeBigUInt64LE(BigInt(content.length), 0x20);
    header.writeUInt32LE(1, 0x28);
    header.writeUInt32LE(info, 0x2c);
    offset += content.length;
    return header;
  });
}
