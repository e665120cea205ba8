import { readFileSync } from "node:fs";

/** What the tokenizer's model asks of its table of tokens: a part of Map. */
export interface TokenIds {
  get(token: string): number | undefined;
  has(token: string): boolean;
  set(token: string, id: number): unknown;
}

/**
 * FNV-1a of 32 bits over a string's UTF-16 units: http://www.isthe.com/chongo/tech/comp/fnv/. The table was made with it
 * (images/model/vocabulary.py).
 */
export function hashOf(token: string): number {
  let code = 0x811c9dc5;
  for (let i = 0; i < token.length; i++) code = Math.imul(code ^ token.charCodeAt(i), 0x01000193);
  return code >>> 0;
}

/** What was made at build time: numbers of 32 bits, the count of slots first. */
interface Table {
  /** Open addressing: an id + 1 in each slot, or 0. Their number is a power of 2. */
  readonly slots: Uint32Array;
  /** Where each token's line begins in the text, and where one more would. */
  readonly starts: Uint32Array;
}

/**
 * Tokens as lines of one text, in the order of their ids, with a hash table that was made at build time: filling a Map with
 * tens of thousands of strings takes as long as everything else that a tokenizer does before its first answer.
 */
export class Vocabulary implements TokenIds {
  readonly #text: string;
  readonly #table: Table;
  /** Added later. */
  readonly #added = new Map<string, number>();
  #tokens: string[] | undefined;

  constructor(text: string, numbers: Uint32Array) {
    const [slots = 0] = numbers;
    this.#text = text;
    this.#table = { slots: numbers.subarray(1, slots + 1), starts: numbers.subarray(slots + 1) };
  }

  get(token: string): number | undefined {
    return this.#added.get(token) ?? this.#find(token);
  }

  has(token: string): boolean {
    return this.get(token) !== undefined;
  }

  set(token: string, id: number): void {
    // The last one, so that of two tokens with one id it is the one that the id stands for.
    this.#added.delete(token);
    this.#added.set(token, id);
    this.#tokens = undefined;
  }

  /** Tokens by id: for what turns ids into text, which not every model does. */
  get tokens(): string[] {
    this.#tokens ??= this.#list();
    return this.#tokens;
  }

  #list(): string[] {
    const tokens = this.#text.split("\n");
    for (const [token, id] of this.#added) tokens[id] = token;
    return tokens;
  }

  #find(token: string): number | undefined {
    const { slots, starts } = this.#table;
    const last = slots.length - 1;
    for (let slot = hashOf(token) & last; ; slot = (slot + 1) & last) {
      const entry = slots[slot] as number;
      if (entry === 0) return undefined;
      const start = starts[entry - 1] as number;
      const length = (starts[entry] as number) - start - 1;
      if (length === token.length && this.#text.startsWith(token, start)) return entry - 1;
    }
  }
}

/** The vocabulary beside a tokenizer.json; undefined where that has its own. */
export function readVocabulary(definition: string): Vocabulary | undefined {
  try {
    const text = readFileSync(`${definition}.tokens`, "utf8");
    const { buffer, byteOffset, byteLength } = readFileSync(`${definition}.table`);
    // Not copied: Node gives a file a place of its own, or one at a multiple of 8.
    return new Vocabulary(text, new Uint32Array(buffer, byteOffset, byteLength / 4));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
