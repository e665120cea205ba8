import type { TextTokenizer } from "./types.ts";

/** What is replaced, in this order, and by what: the blank goes, before it or on both sides. */
const ARTIFACTS = [" .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're"] as const;

/** What is left of them without blanks. */
const BARE = ARTIFACTS.map((artifact) => artifact.replaceAll(" ", ""));

const LONGEST = Math.max(...BARE.map(({ length }) => length));

/** Takes away the blanks that tokenizers of English words leave before signs, as transformers' `clean_up_tokenization`. */
export function withoutArtifacts(text: string): string {
  return ARTIFACTS.reduce(
    (cleaned, artifact) => cleaned.replaceAll(artifact, artifact.replaceAll(" ", "")),
    text,
  );
}

/**
 * Whether texts of a tokenizer are cleaned up unasked: where its config says so, and not for BPE, whose blanks are the
 * text's own (transformers 5 leaves them as well).
 */
export function cleansUpByDefault({
  config,
  definition,
}: Pick<TextTokenizer, "config" | "definition">): boolean {
  return config.clean_up_tokenization_spaces === true && definition.model?.type !== "BPE";
}

/**
 * How much of a text is cleaned up in the same way whatever follows it, in UTF-16 units: all before the first blank that
 * may still turn out to belong to an artifact.
 */
export function settledLength(text: string): number {
  let settled = text.length;
  for (let at = text.length - 1, after = ""; at >= 0 && after.length <= LONGEST; at--) {
    if (text[at] !== " ") {
      after = text[at] + after;
    } else if (
      BARE.some((bare) => (bare === "'" ? after === bare : bare !== after) && bare.startsWith(after))
    ) {
      settled = at;
    }
  }
  // The blank may be the second one of " ' ".
  while (text.slice(settled - 2, settled + 1) === " ' ") settled -= 2;
  return settled;
}
