import type { Model } from "../serving/open-model.ts";

/** The name of a class: as config.json says, else as transformers calls one without a name. */
export function labelOf({ config }: Pick<Model, "config">, index: number): string {
  return config.id2label?.[index] ?? `LABEL_${index}`;
}
