import { log } from "../lambda/log.ts";
import type { Model } from "../model/model.ts";
import type { ModelConfig } from "../model-files/config.ts";
import { refusalOf } from "../request/parameters.ts";
import { GENERATION_PARAMETERS } from "./parameters.ts";

/** What a request may not set, and a config does. */
const OWN = ["decoder_start_token_id", "bos_token_id"];

/**
 * Settings of a model's config that this runtime does not have, each with the reason. Its answers then differ from those of
 * transformers' `generate`, which is no error: most often it is a search with beams.
 */
export function ignoredSettings(config: ModelConfig): string[] {
  return Object.entries(GENERATION_PARAMETERS).flatMap(([name, parameter]) => {
    const value = config[name];
    const isSupported = value === undefined || value === null || parameter.read(value) !== undefined;
    return isSupported || parameter.reason === undefined || OWN.includes(name)
      ? []
      : [`${name}: ${refusalOf(parameter, value)}`];
  });
}

/** Says in the log what of a model's config does not count. */
export function logIgnoredSettings({ manifest, config }: Pick<Model, "manifest" | "config">): void {
  const settings = ignoredSettings({ ...config, ...config.task_specific_params?.[manifest.task] });
  if (settings.length > 0)
    log("WARN", "settings of the model's config do not count", { model: manifest.name, settings });
}
