import type { Input } from "../clients/last-change.ts";
import type { FunctionConfig } from "../config/config.ts";
import { parseJsonc } from "../files/json.ts";

type Table = Readonly<Record<string, unknown>>;

/** What mkimage.json says of a function's image: how the function is deployed, or tested, is not in it. */
function configPart(name: string): (text: string) => unknown {
  return (text) => {
    const { functions, bases, rie } = parseJsonc(text, "mkimage.json") as Table;
    const row = ((functions as Table)[name] ?? {}) as Table;
    const { deploy: _, memory: __, event: ___, notSecret: ____, ...inImage } = row;
    return { inImage, bases, rie };
  };
}

/** What the lock says of some models, and of the bases. */
const lockPart =
  (names: readonly string[]) =>
  (text: string): unknown => {
    const { models, bases } = JSON.parse(text) as { models: Table; bases: Table };
    return { models: names.map((name) => models[name]), bases };
  };

/**
 * The files of a project that a function's image is made of.
 * @param config name of the configuration file
 * @param handler the files of the function's handler, from the project's folder
 */
export const imageInputs = (
  { name, models }: Pick<FunctionConfig, "name" | "models">,
  { config, handler }: { readonly config: string; readonly handler: readonly string[] },
): Input[] => [
  { path: config, part: configPart(name) },
  { path: "package.json", part: (text) => (JSON.parse(text) as { name?: string }).name },
  { path: "models/lock.json", part: lockPart(models) },
  ...models.flatMap((model) => [{ path: `models/${model}.json` }, { path: `models/${model}.samples.json` }]),
  ...handler.map((path) => ({ path })),
];
