import { fstatSync, readSync } from "node:fs";

/** A field with a length (a text, bytes, another message): its number, and where its value is in the file. */
export interface Field {
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

/** The bytes are no message, or are cut off. */
export class Damaged extends Error {}

const WINDOW = 64 * 1024;

/**
 * Reads messages of protobuf in a file without reading their long values
 * (https://protobuf.dev/programming-guides/encoding).
 */
export class ProtobufFile {
  readonly #file: number;
  readonly size: number;
  readonly #window = Buffer.alloc(WINDOW);
  #from = 0;
  #length = 0;

  /** @param file an open file's descriptor */
  constructor(file: number) {
    this.#file = file;
    this.size = fstatSync(file).size;
  }

  #byte(at: number): number {
    if (at < this.#from || at >= this.#from + this.#length) {
      this.#from = at;
      this.#length = readSync(this.#file, this.#window, 0, WINDOW, at);
      if (this.#length === 0) throw new Damaged();
    }
    return this.#window[at - this.#from] as number;
  }

  #varint(at: number): [value: number, next: number] {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.#byte(at + i);
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return [value, at + i + 1];
    }
    throw new Damaged();
  }

  /** How long the value of a wire type is, and where it begins. */
  #extent(wireType: number, at: number): [length: number, start: number] {
    if (wireType === 0) return [this.#varint(at)[1] - at, at];
    if (wireType === 1) return [8, at];
    if (wireType === 2) return this.#varint(at);
    if (wireType === 5) return [4, at];
    throw new Damaged();
  }

  *#all({ start, end }: Omit<Field, "number">): Generator<Field & { readonly wireType: number }> {
    for (let at = start; at < end; ) {
      const [tag, next] = this.#varint(at);
      const wireType = tag % 8;
      const [length, begin] = this.#extent(wireType, next);
      at = begin + length;
      if (tag < 8 || at > end) throw new Damaged();
      yield { number: Math.floor(tag / 8), wireType, start: begin, end: at };
    }
  }

  /** The fields with a length of the message between two places, in the order of the file. @throws Damaged */
  *fields(place: Omit<Field, "number">): Generator<Field> {
    for (const { wireType, ...field } of this.#all(place)) if (wireType === 2) yield field;
  }

  /** The number in a field of a message, if it has one; negative ones are large. @throws Damaged */
  integer(place: Omit<Field, "number">, number: number): number | undefined {
    const [field] = [...this.#all(place)].filter((each) => each.number === number && each.wireType === 0);
    return field && this.#varint(field.start)[0];
  }

  text({ start, end }: Field): string {
    const bytes = Buffer.alloc(end - start);
    readSync(this.#file, bytes, 0, bytes.length, start);
    return bytes.toString();
  }
}
