import type { Tokenizer } from "@huggingface/tokenizers";
import type { Encoding } from "../tokenizer.ts";

/** A special token with its segment, or the place of a text's own tokens. */
type Slot = { readonly id: number; readonly typeId: number } | "first" | "second";

/** How special tokens stand around one text or two, and the segments of the texts' own tokens. */
export interface Layout {
  readonly slots: readonly Slot[];
  readonly typeIds: { readonly first: number; readonly second: number };
}

/** A token that no vocabulary has. */
const PROBES = { first: "\u0000first", second: "\u0000second" } as const;

/**
 * The layout that a tokenizer's post-processor makes, seen by what it does to one token of each text. Known once, it
 * lets texts be truncated before the special tokens are put around them.
 */
export function layoutOf(tokenizer: Tokenizer, texts: 1 | 2): Layout {
  const { first, second } = PROBES;
  const made = tokenizer.post_processor?.post_process([first], texts === 2 ? [second] : null) ?? {
    tokens: [first],
  };
  const tokens: string[] = [...made.tokens];
  if (texts === 2 && !tokens.includes(second)) tokens.push(second);
  const typeId = (index: number) => made.token_type_ids?.[index] ?? 0;
  return {
    slots: tokens.map((token, index): Slot => {
      if (token === first) return "first";
      if (token === second) return "second";
      return { id: tokenizer.token_to_id(token) ?? 0, typeId: typeId(index) };
    }),
    typeIds: {
      first: typeId(tokens.indexOf(first)),
      second: texts === 2 ? typeId(tokens.indexOf(second)) : 0,
    },
  };
}

/** Fills a layout with the texts' own tokens. */
export function encodingOf(
  { slots, typeIds: segments }: Layout,
  first: readonly number[],
  second: readonly number[] = [],
): Encoding {
  const texts = { first, second };
  const ids: number[] = [];
  const typeIds: number[] = [];
  const ranges = { first: { start: 0, end: 0 }, second: { start: 0, end: 0 } };
  for (const slot of slots) {
    if (typeof slot === "string") {
      ranges[slot] = { start: ids.length, end: ids.length + texts[slot].length };
      for (const id of texts[slot]) {
        ids.push(id);
        typeIds.push(segments[slot]);
      }
    } else {
      ids.push(slot.id);
      typeIds.push(slot.typeId);
    }
  }
  return { ids, typeIds, ...ranges };
}
