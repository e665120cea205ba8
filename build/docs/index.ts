/** Writes the references that are generated: `npm run docs`; with `--check` it only says which are not current. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { modelSpec } from "../../models/spec.ts";
import { resultSchema } from "../bench/results.ts";
import { configSchema } from "../config/config-file.ts";
import { EXIT } from "../errors.ts";
import { stringify } from "../files/json.ts";
import { say } from "../output.ts";
import { TOOL_ROOT } from "../tool-root.ts";
import { commandReference } from "./commands.ts";
import { configurationReference, toSchema } from "./configuration.ts";
import { limitsReference } from "./limits.ts";
import { quantizationReference } from "./quantization.ts";
import { resultsReference } from "./results.ts";
import { rulesReference } from "./rules.ts";
import { taskReference } from "./tasks.ts";

/** Path from the root of the repository → text of every generated reference. */
export async function documents(): Promise<Record<string, string>> {
  return {
    "docs/cli.md": `${await commandReference()}\n`,
    "docs/configuration.md": `${configurationReference()}\n`,
    "docs/rules.md": `${rulesReference()}\n`,
    "docs/quantization.md": `${quantizationReference()}\n`,
    "docs/limits.md": `${limitsReference()}\n`,
    "docs/tasks.md": `${taskReference()}\n`,
    "docs/mkimage.schema.json": stringify(toSchema(configSchema)),
    "docs/results.md": `${resultsReference()}\n`,
    "docs/results.schema.json": stringify(toSchema(resultSchema)),
    "models/spec.schema.json": stringify(toSchema(modelSpec)),
  };
}

/** The references whose file below the root is not what would be generated now. */
export async function outdated(root: string, generated: Readonly<Record<string, string>>): Promise<string[]> {
  const current = Object.entries(generated).map(async ([path, text]) => {
    const found = await readFile(join(root, path), "utf8").catch(() => undefined);
    return found === text ? [] : [path];
  });
  return (await Promise.all(current)).flat();
}

if (import.meta.main) {
  const generated = await documents();
  const paths = await outdated(TOOL_ROOT, generated);
  const check = process.argv.includes("--check");
  for (const path of paths) {
    say(check ? `not current: ${path} (npm run docs)` : `wrote ${path}`);
    if (!check) await writeFile(join(TOOL_ROOT, path), generated[path] as string);
  }
  if (check && paths.length > 0) process.exitCode = EXIT.check;
}
