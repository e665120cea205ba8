import { nearest } from "../../models/nearest.ts";
import { BadRequest } from "../request/errors.ts";
import type { Encoding } from "../tokenizer/encoding.ts";
import type { TextTokenizer } from "../tokenizer/types.ts";

/** Tokens for languages: NLLB `fra_Latn`, mBART `fr_XX`, M2M100 `__fr__`. */
const LANGUAGE = /^(?:([a-z]{3}_[A-Z][a-z]{3})|([a-z]{2}_[A-Z]{2})|__([a-z]{2,3})__)$/;

export function languagesOf({ definition }: Pick<TextTokenizer, "definition">): ReadonlyMap<string, number> {
  const named = (definition.added_tokens ?? []).flatMap(({ content, id }) => {
    const [, ...names] = LANGUAGE.exec(content) ?? [];
    const name = names.find((one) => one !== undefined);
    return name === undefined ? [] : [[name, id] as const];
  });
  return new Map(named);
}

/**
 * @throws BadRequest for a language that the model does not have
 */
export function languageId(languages: ReadonlyMap<string, number>, name: string, field: string): number {
  const id = languages.get(name) ?? languages.get(name.replace(/^__(.*)__$/, "$1"));
  if (id !== undefined) return id;
  const names = [...languages.keys()];
  const meant = nearest(name, names);
  const some = names.length > 8 ? `${names.slice(0, 8).join(", ")} …` : names.join(", ");
  throw new BadRequest(
    field,
    names.length === 0
      ? `"${name}" is not supported: this model translates between two languages only, and has no token for one`
      : `this model has no language "${name}"${meant ? `; did you mean ${meant}?` : `; it has ${some}`}`,
  );
}

/**
 * Sets the source language of an encoding: the post-processor of such tokenizers adds the token of one language before
 * or after every text, and transformers replaces it.
 * @throws BadRequest when there is no such token
 */
export function inLanguage(
  encoding: Encoding,
  source: number,
  { languages, field }: { readonly languages: ReadonlyMap<string, number>; readonly field: string },
): readonly number[] {
  const { ids, first } = encoding;
  const all = new Set(languages.values());
  const at = ids.findIndex((id, i) => (i < first.start || i >= first.end) && all.has(id));
  if (at >= 0) return ids.with(at, source);
  throw new BadRequest(field, "this model's tokenizer adds no token for the language of a text");
}
