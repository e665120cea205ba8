import type { Model } from "../model/model.ts";

/** Name of a class in config.json, else transformers' default name. */
export function labelOf({ config }: Pick<Model, "config">, index: number): string {
  return config.id2label?.[index] ?? `LABEL_${index}`;
}
