/** The vocabulary's object in tokenizer.json, which is most of the file. */
const VOCABULARY = /"vocab"\s*:\s*\{\s*"/g;

/** Its last entry: a number and the closing brace. A token that looks so inside makes the count below wrong. */
const LAST_ENTRY = /"\s*:\s*(\d+)\s*\}/g;

/** What stands between two tokens: the number of the one before. */
const BETWEEN = /"\s*:\s*(\d+)\s*,\s*"/;

/** tokenizer.json parsed, its vocabulary apart. */
export interface SplitDefinition {
  /** The file with a vocabulary of one token: the unknown one, if it is named. */
  readonly definition: Readonly<Record<string, unknown>>;
  /** Tokens by id; undefined when the definition is whole. */
  readonly vocabulary: string[] | undefined;
}

/**
 * Parses tokenizer.json. Its vocabulary (an object with tens of thousands of keys, for JSON.parse and then for a Map)
 * takes most of the time; cut out and split as a text it takes a tenth. What is not as expected is parsed as any JSON.
 */
export function splitDefinition(json: string): SplitDefinition {
  try {
    const split = trySplit(json);
    if (split) return split;
  } catch {
    // A token looked like the vocabulary's end.
  }
  return { definition: JSON.parse(json), vocabulary: undefined };
}

function trySplit(json: string): SplitDefinition | undefined {
  VOCABULARY.lastIndex = 0;
  const opening = VOCABULARY.exec(json);
  if (!opening) return undefined;
  const start = opening.index + opening[0].length;
  LAST_ENTRY.lastIndex = start;
  const closing = LAST_ENTRY.exec(json);
  if (!closing) return undefined;
  const vocabulary = tokensById(json.slice(start, closing.index).split(BETWEEN), Number(closing[1]));
  if (!vocabulary) return undefined;
  const rest = `${json.slice(0, opening.index)}"vocab":{}${json.slice(closing.index + closing[0].length)}`;
  const definition = JSON.parse(rest);
  const { vocab, unk_token: unknown } = definition.model ?? {};
  if (!vocab || Object.keys(vocab).length > 0) return undefined;
  if (typeof unknown === "string") definition.model.vocab = { [unknown]: vocabulary.indexOf(unknown) };
  return { definition, vocabulary };
}

/**
 * @param parts tokens as JSON writes them and their numbers, by turns; the last token's number is `last`
 * @returns undefined unless the numbers are 0, 1, 2 … each once
 */
function tokensById(parts: readonly string[], last: number): string[] | undefined {
  const count = (parts.length + 1) / 2;
  const tokens = new Array<string>(count);
  for (let i = 0; i < count; i++) {
    const token = parts[2 * i] as string;
    const id = i === count - 1 ? last : Number(parts[2 * i + 1]);
    if (id >= count || tokens[id] !== undefined) return undefined;
    tokens[id] = token.includes("\\") ? JSON.parse(`"${token}"`) : token;
  }
  return tokens;
}
