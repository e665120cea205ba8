import type { TextModel } from "../model/model.ts";
import type { ModelConfig } from "../model-files/config.ts";
import { BadRequest } from "../request/errors.ts";
import type { Encoding } from "../tokenizer/encoding.ts";
import { inLanguage, languageId, languagesOf } from "./languages.ts";

interface Asked {
  readonly given: { readonly src_lang?: string; readonly tgt_lang?: string };
  readonly pathOf: (parameter: string) => string;
}

interface TranslationSetup {
  /** The task's settings in config.json, such as the prefix. */
  readonly own: ModelConfig;
  /** The token of the target language, which the answer begins with. */
  readonly forcedFirst: number | undefined;
  /** Sets the source language's token in an encoding; returns its ids. */
  readonly mark: (encoding: Encoding) => readonly number[];
}

const PAIR = "translation_";

/**
 * Prepares a model for the languages of a request: tokens for NLLB, M2M100 and mBART, or T5's prefix for the pair
 * (`translation_en_to_fr` in its config).
 * @throws BadRequest for a language that the model does not have
 */
export function translating(
  model: Pick<TextModel, "config" | "tokenizer">,
  task: string,
  { given: { src_lang: source, tgt_lang: target }, pathOf }: Asked,
): TranslationSetup {
  const settings = model.config.task_specific_params ?? {};
  const pairs = Object.keys(settings).filter(
    (name) => name.startsWith(PAIR) && name.slice(PAIR.length).includes("_to_"),
  );
  const plain = (encoding: Encoding) => encoding.ids;
  if (source === undefined && target === undefined)
    return { own: settings[task] ?? {}, forcedFirst: undefined, mark: plain };
  if (pairs.length > 0) {
    const own = settings[`translation_${source}_to_${target}`];
    if (own) return { own, forcedFirst: undefined, mark: plain };
    throw new BadRequest(
      pathOf(target === undefined ? "src_lang" : "tgt_lang"),
      `this model translates ${pairs.map((pair) => pair.replace("translation_", "").replace("_to_", " to ")).join(", ")}`,
    );
  }
  const languages = languagesOf(model.tokenizer);
  const field = pathOf("src_lang");
  const from = source === undefined ? undefined : languageId(languages, source, field);
  return {
    own: settings[task] ?? {},
    forcedFirst: target === undefined ? undefined : languageId(languages, target, pathOf("tgt_lang")),
    mark: (encoding) =>
      from === undefined ? encoding.ids : inLanguage(encoding, from, { languages, field }),
  };
}
