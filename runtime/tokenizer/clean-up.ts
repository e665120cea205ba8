import type { TextTokenizer } from "./types.ts";

/** Replaced in this order by the same text without spaces. */
const ARTIFACTS = [" .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're"] as const;

const BARE = ARTIFACTS.map((artifact) => artifact.replaceAll(" ", ""));

const LONGEST = Math.max(...BARE.map(({ length }) => length));

/**
 * Removes the spaces that word tokenizers of English leave before punctuation, as transformers'
 * `clean_up_tokenization`.
 */
export function withoutArtifacts(text: string): string {
  return ARTIFACTS.reduce(
    (cleaned, artifact) => cleaned.replaceAll(artifact, artifact.replaceAll(" ", "")),
    text,
  );
}

/**
 * Whether a tokenizer's texts are cleaned up by default: if its config says so, but not for BPE, whose spaces are those
 * of the text (as in transformers 5).
 */
export function cleansUpByDefault({
  config,
  definition,
}: Pick<TextTokenizer, "config" | "definition">): boolean {
  return config.clean_up_tokenization_spaces === true && definition.model?.type !== "BPE";
}

/**
 * Length of the part of a text that is cleaned up in the same way whatever follows, in UTF-16 units: it ends before the
 * first space that may be the beginning of an artifact.
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
  // The space may be the second one of " ' ".
  while (text.slice(settled - 2, settled + 1) === " ' ") settled -= 2;
  return settled;
}
