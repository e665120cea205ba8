import type { Argv } from "yargs";
import { loadConfig } from "../config.ts";
import { bakeRun, resolveWith } from "../engine.ts";
import { readLock, writeLock } from "../lock.ts";
import { listModels, loadSpec, lockModel } from "../models.ts";
import { type MatrixArgs, matrixOptions, type Run } from "../options.ts";
import { print, say } from "../output.ts";

export const command = "lock";
export const describe = "Write models/lock.json: the size and sha256 of every file of the models";

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .option("bases", { boolean: true, default: false, description: "Also pin the base images by digest" })
    .example("$0 lock", "after a change of a model's spec")
    .example("$0 lock --bases", "also pin alpine:3.23 and the others to what they are now");

export interface LockArgs extends MatrixArgs {
  bases: boolean;
}

export async function handler(args: LockArgs, { signal }: Run): Promise<void> {
  const config = await loadConfig(args);
  const old = await readLock(config.project);
  const models: typeof old.models = {};
  for (const name of await listModels(config.project)) {
    models[name] = await lockModel(name, await loadSpec(config.project, name), { ...config, signal, log: say });
  }
  const bases = args.bases ? await resolveWith(bakeRun(signal, args))(config, {}) : old.bases;
  await writeLock(config.project, { models, bases });
  print(`locked ${Object.keys(models).length} models, ${Object.keys(bases).length} bases`);
}
