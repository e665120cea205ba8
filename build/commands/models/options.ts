import { dirname, resolve } from "node:path";
import { CONFIG_FILE } from "../../config/config.ts";

export const projectOption = {
  string: true,
  requiresArg: true,
  description: `Configuration file of the project [default: ${CONFIG_FILE}]`,
} as const;

export const jsonOption = {
  boolean: true,
  default: false,
  description: "Print one JSON document on stdout",
} as const;

export interface ModelsArgs {
  config?: string;
  json: boolean;
}

/** The project's folder; these commands read its models/ only, so there need not be a configuration yet. */
export const projectOf = ({ config }: Pick<ModelsArgs, "config">): string =>
  dirname(resolve(config ?? CONFIG_FILE));
