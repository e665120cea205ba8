import { readFileSync } from "node:fs";

/** The fields of a model's config.json that tasks read, as transformers writes them; all are optional. */
export interface ModelConfig {
  readonly id2label?: Readonly<Record<string, string>>;
  readonly problem_type?: string | null;
  readonly eos_token_id?: number | readonly number[] | null;
  readonly bos_token_id?: number | null;
  readonly pad_token_id?: number | null;
  readonly decoder_start_token_id?: number | null;
  readonly forced_bos_token_id?: number | null;
  readonly forced_eos_token_id?: number | null;
  readonly suppress_tokens?: readonly number[] | null;
  readonly begin_suppress_tokens?: readonly number[] | null;
  readonly bad_words_ids?: readonly (readonly number[])[] | null;
  readonly prefix?: string | null;
  readonly task_specific_params?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null;
  readonly [key: string]: unknown;
}

/** Reads a JSON file in the model's folder; an empty object if it does not exist. */
export function readOptionalJson(folder: string, name: string): ModelConfig {
  try {
    return JSON.parse(readFileSync(`${folder}/${name}`, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}
