import { log } from "../lambda/log.ts";
import type { Model } from "../model/model.ts";
import type { ModelConfig } from "../model-files/config.ts";
import { refusalOf } from "../request/parameters.ts";
import { GENERATION_PARAMETERS } from "./parameters.ts";

/** Settings that only a config may have. */
const CONFIG_ONLY = ["decoder_start_token_id", "bos_token_id"];

/**
 * Settings of a model's config that this runtime does not support, each with the reason. The answers then differ from
 * those of transformers' `generate`, which is not an error. Usually it is beam search.
 */
export function ignoredSettings(config: ModelConfig): string[] {
  return Object.entries(GENERATION_PARAMETERS).flatMap(([name, parameter]) => {
    const value = config[name];
    const isSupported = value === undefined || value === null || parameter.read(value) !== undefined;
    return isSupported || parameter.reason === undefined || CONFIG_ONLY.includes(name)
      ? []
      : [`${name}: ${refusalOf(parameter, value)}`];
  });
}

export function logIgnoredSettings({ manifest, config }: Pick<Model, "manifest" | "config">): void {
  const settings = ignoredSettings({ ...config, ...config.task_specific_params?.[manifest.task] });
  if (settings.length > 0)
    log("WARN", "settings of the model's config are not supported", { model: manifest.name, settings });
}
