import { readOptionalJson } from "../model-files/config.ts";
import { cleansUpByDefault, withoutArtifacts } from "./clean-up.ts";
import { nativeCutter } from "./cutter.ts";
import { tokenizing } from "./encoder.ts";
import { readTokenizer, type TokenizerFiles } from "./files.ts";
import { tokenizersBinding } from "./native-binding.ts";
import type { TextTokenizer, TokenizerConfig, TokenizerDefinition, TokenName } from "./types.ts";

export async function openTokenizer(folder: string): Promise<TextTokenizer> {
  const config = readOptionalJson(folder, "tokenizer_config.json") as TokenizerConfig;
  const { definition, ...files } = await readTokenizer(folder);
  return textTokenizer(definition, config, files);
}

/**
 * Creates a tokenizer from parsed files.
 * @param files the native tokenizer of the definition, if it exists already
 */
export function textTokenizer(
  definition: TokenizerDefinition,
  config: TokenizerConfig,
  files: Omit<TokenizerFiles, "definition"> = {
    native: tokenizersBinding().Tokenizer.fromString(JSON.stringify(definition)),
  },
): TextTokenizer {
  const { native, vocabulary } = files;
  const plain = nativeCutter(native);
  const {
    cutter = () => plain,
    idOf = (token: string) => native.tokenToId(token) ?? undefined,
    tokenOf = (id: number) => native.idToToken(id) ?? undefined,
  } = vocabulary ?? {};
  const special = new Set(
    definition.added_tokens?.filter((token) => token.special).map(({ content }) => content),
  );
  const { padding } = definition;
  const cleans = cleansUpByDefault({ config, definition });
  const decoder = native.getDecoder();
  const spell = (tokens: readonly string[]) => decoder?.decode(tokens) ?? tokens.join(" ");
  return {
    ...tokenizing(native, cutter),
    definition,
    config,
    padId: padding?.pad_id ?? idOf(nameOf(config.pad_token) ?? "") ?? 0,
    padSide: (padding?.direction ?? config.padding_side)?.toLowerCase() === "left" ? "left" : "right",
    mask: maskOf(nameOf(config.mask_token), idOf),
    decode(ids, { skipSpecial = false, cleanUp = cleans } = {}) {
      const tokens = ids.flatMap((id) => tokenOf(id) ?? []);
      const text = spell(skipSpecial ? tokens.filter((token) => !special.has(token)) : tokens);
      return cleanUp ? withoutArtifacts(text) : text;
    },
    spell,
    idOf,
    isSpecial: (id) => special.has(tokenOf(id) ?? ""),
  };
}

/** tokenizer_config.json has tokens in two forms. */
function nameOf(token: TokenName | undefined): string | undefined {
  return typeof token === "string" ? token : token?.content;
}

/** Common names of the mask token, if the config does not name it. */
const MASKS = ["[MASK]", "<mask>"];

function maskOf(named: string | undefined, idOf: (token: string) => number | undefined) {
  for (const token of named === undefined ? MASKS : [named]) {
    const id = idOf(token);
    if (id !== undefined) return { id, token };
  }
  return undefined;
}
