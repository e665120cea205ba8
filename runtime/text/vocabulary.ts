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

/**
 * Tokens with a hash table that was made at build time: filling a Map with tens of thousands of them takes as long as
 * everything else that a tokenizer does before its first answer.
 */
export class Vocabulary implements TokenIds {
  /** By id; for one that has been given to two, the later. */
  readonly tokens: string[];
  /** The same before any was added: what the table is of. */
  #hashed: readonly string[];
  /** Open addressing: an id + 1 in each slot, or 0. Its size is a power of 2. */
  readonly #table: Uint32Array;
  /** Added later. */
  readonly #added = new Map<string, number>();

  constructor(tokens: string[], table: Uint32Array) {
    this.tokens = tokens;
    this.#hashed = tokens;
    this.#table = table;
  }

  get(token: string): number | undefined {
    const table = this.#table;
    const last = table.length - 1;
    for (let slot = hashOf(token) & last; ; slot = (slot + 1) & last) {
      const entry = table[slot] as number;
      if (entry === 0) return this.#added.get(token);
      if (this.#hashed[entry - 1] === token) return this.#added.get(token) ?? entry - 1;
    }
  }

  has(token: string): boolean {
    return this.get(token) !== undefined;
  }

  set(token: string, id: number): void {
    if (this.get(token) !== id) this.#added.set(token, id);
    if (this.tokens[id] === token) return;
    // A reserved token's id may be given to another; it is found by its own text all the same.
    if (this.#hashed === this.tokens && id < this.tokens.length) this.#hashed = [...this.tokens];
    this.tokens[id] = token;
  }
}

/** The vocabulary beside a tokenizer.json; undefined where that has its own. */
export function readVocabulary(definition: string): Vocabulary | undefined {
  try {
    const tokens = readFileSync(`${definition}.tokens`, "utf8").split("\n");
    const { buffer, byteOffset, byteLength } = readFileSync(`${definition}.table`);
    return new Vocabulary(tokens, new Uint32Array(buffer.slice(byteOffset, byteOffset + byteLength)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
