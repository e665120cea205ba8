/**
 * What the files of sentence-transformers say of how a text becomes a vector, from version 2 to 6: modules.json names the
 * steps, each step's folder has its settings (https://sbert.net/docs/sentence_transformer/usage/custom_models.html).
 */
import { z } from "zod";
import type { ModelSpec, Pooling } from "../../../models/spec.ts";
import { UserError } from "../../errors.ts";
import { checkJson } from "../../files/json.ts";
import { poolingOf } from "./pooling-config.ts";

/** Path of a JSON file → its value; of those that the model has. */
export type SideFiles = Readonly<Record<string, unknown>>;

const MODULES = "modules.json";
const SETTINGS = "config_sentence_transformers.json";
/** The folder of the usual pooling step, where no modules.json names another one. */
const USUAL_POOLING = "1_Pooling/config.json";
/** Settings of the first step, under the names of several versions. */
const ENCODERS = [
  "sentence_bert_config.json",
  "sentence_roberta_config.json",
  "sentence_distilbert_config.json",
  "sentence_camembert_config.json",
  "sentence_albert_config.json",
  "sentence_xlm-roberta_config.json",
  "sentence_xlnet_config.json",
];

const modulesSchema = z.array(z.looseObject({ type: z.string(), path: z.string().default("") }));
type Module = z.output<typeof modulesSchema>[number];

const settingsSchema = z.looseObject({
  prompts: z.record(z.string(), z.string().nullable()).nullish(),
  default_prompt_name: z.string().nullish(),
  truncate_dim: z.int().nullish(),
  similarity_fn_name: z.string().nullish(),
});
const encoderSchema = z.looseObject({ do_lower_case: z.boolean().nullish() });
const normalizeSchema = z.looseObject({
  module_input_name: z.string().nullish(),
  module_output_name: z.string().nullish(),
});

/** Fields of a spec that these files speak of. */
export type EmbeddingFacts = Pick<
  Partial<ModelSpec>,
  "pooling" | "normalize" | "prompts" | "defaultPromptName" | "includePrompt" | "lowercase"
>;

export interface EmbeddingReport {
  readonly facts: EmbeddingFacts;
  /** Steps after the graph that are not done here: `Dense`. */
  readonly unsupported: readonly string[];
  /** How a model is pooled whose files do not say it. */
  readonly usual?: Pooling | undefined;
  /** How the model's vectors are compared, where the files say it: `dot`. */
  readonly similarity?: string | undefined;
}

const settingsOf = ({ path }: Pick<Module, "path">): string =>
  path === "" ? "config.json" : `${path.replace(/\/$/, "")}/config.json`;

/** The name of a step's class; that of another package is given whole, since nothing is known of it. */
const kindOf = ({ type }: Module): string =>
  type.startsWith("sentence_transformers.") ? type.slice(type.lastIndexOf(".") + 1) : type;

const modulesIn = (files: SideFiles): Module[] | undefined =>
  files[MODULES] === undefined ? undefined : checkJson(modulesSchema, files[MODULES], MODULES);

/** Files to read before any others. */
export const FIRST_FILES: readonly string[] = ["config.json", MODULES, SETTINGS, USUAL_POOLING, ...ENCODERS];

/** Files that modules.json leads to. */
export const furtherFiles = (files: SideFiles): string[] =>
  (modulesIn(files) ?? []).filter(({ path }) => path !== "").map(settingsOf);

type Settings = z.output<typeof settingsSchema>;

function promptsOf(config: Settings): EmbeddingFacts {
  if (typeof config.truncate_dim === "number") {
    throw new UserError(
      `${SETTINGS} cuts vectors to ${config.truncate_dim} dimensions, which is not supported`,
      {
        hint: "Export the model with an output `sentence_embedding` that is cut already.",
      },
    );
  }
  const prompts = Object.fromEntries(
    Object.entries(config.prompts ?? {}).filter((entry): entry is [string, string] => entry[1] !== null),
  );
  const { default_prompt_name: name } = config;
  if (name && !Object.hasOwn(prompts, name)) {
    throw new UserError(`${SETTINGS} names "${name}" as its default prompt, and has no prompt of that name`, {
      hint: `It has: ${Object.keys(prompts).join(", ") || "none"}.`,
    });
  }
  return {
    ...(Object.keys(prompts).length > 0 ? { prompts } : {}),
    ...(name ? { defaultPromptName: name } : {}),
  };
}

const configSchema = z.looseObject({
  architectures: z.array(z.string()).nullish(),
  is_causal: z.boolean().nullish(),
});

/** Of a model that was made to write, only the last token has seen the whole text. */
function usualOf(files: SideFiles): Pooling | undefined {
  const { architectures, is_causal } = configSchema.safeParse(files["config.json"]).data ?? {};
  return architectures?.[0]?.endsWith("ForCausalLM") && is_causal !== false ? "lasttoken" : undefined;
}

/** The first step's lower case; a tokenizer that does it as well is not disturbed. */
function encoderOf(files: SideFiles): EmbeddingFacts {
  const name = ENCODERS.find((each) => files[each] !== undefined);
  if (name === undefined) return {};
  return checkJson(encoderSchema, files[name], name).do_lower_case ? { lowercase: true } : {};
}

/** Whether a step scales the text's vector, and not something else. */
function isPlain(normalize: Module, files: SideFiles): boolean {
  const config = files[settingsOf(normalize)];
  if (normalize.path === "" || config === undefined) return true;
  const { module_input_name: from, module_output_name: to } = checkJson(
    normalizeSchema,
    config,
    settingsOf(normalize),
  );
  return [from, to].every((each) => (each ?? "sentence_embedding") === "sentence_embedding");
}

function stepsOf(modules: readonly Module[], files: SideFiles): EmbeddingReport {
  const [first, ...steps] = modules;
  const unsupported = first && kindOf(first) !== "Transformer" ? [kindOf(first)] : [];
  let facts: EmbeddingFacts = { normalize: false };
  for (const step of steps) {
    const kind = kindOf(step);
    const file = settingsOf(step);
    if (kind === "Pooling") {
      if (files[file] === undefined) {
        throw new UserError(`${MODULES} names a pooling whose settings ${file} are not among the files`, {
          hint: `Add ${file} to \`files\` of the model's spec, or leave ${MODULES} out and set \`pooling\`.`,
        });
      }
      facts = { ...facts, ...poolingOf(files[file], file) };
    } else if (kind === "Normalize" && isPlain(step, files)) facts = { ...facts, normalize: true };
    else if (kind !== "Dropout") unsupported.push(kind);
  }
  if (facts.pooling === undefined) unsupported.push("no Pooling");
  return { facts, unsupported };
}

/**
 * What a model's files say of its embeddings.
 * @throws UserError (exit 2) for settings that are not understood or not supported
 */
export function readEmbeddingFiles(files: SideFiles): EmbeddingReport {
  const modules = modulesIn(files);
  const settings = checkJson(settingsSchema, files[SETTINGS] ?? {}, SETTINGS);
  const pooling = files[USUAL_POOLING];
  const { facts, unsupported } = modules
    ? stepsOf(modules, files)
    : { facts: pooling === undefined ? {} : poolingOf(pooling, USUAL_POOLING), unsupported: [] };
  return {
    facts: { ...promptsOf(settings), ...encoderOf(files), ...facts },
    unsupported,
    usual: usualOf(files),
    similarity: settings.similarity_fn_name ?? undefined,
  };
}
