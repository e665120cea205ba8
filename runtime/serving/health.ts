import type { ModelManifest } from "../../models/spec.ts";
import type { Models } from "./model-pool.ts";

export interface Health {
  readonly status: "ok";
  readonly models: readonly {
    readonly name: string;
    readonly task: ModelManifest["task"];
    readonly default: boolean;
    /** Whether it is in memory; other models are opened by their first request. */
    readonly open: boolean;
  }[];
}

export function health(models: Models, manifestOf: (name: string) => Pick<ModelManifest, "task">): Health {
  const opened = new Set(models.opened());
  return {
    status: "ok",
    models: models.names.map((name) => ({
      name,
      task: manifestOf(name).task,
      default: name === models.fallback,
      open: opened.has(name),
    })),
  };
}
