import type { Argv } from "yargs";
import { type MatrixArgs, matrixOptions, outsideOption, type Run } from "../command-line/options.ts";
import { type Config, loadConfig } from "../config/config.ts";
import { UserError } from "../errors.ts";
import { lockDrift } from "../models/lock-diff.ts";
import { lockModel } from "../models/lock-model.ts";
import { type Lock, readLock, updateLock } from "../models/lockfile.ts";
import { pinBases } from "../models/pin-bases.ts";
import { listModels, loadSpecs } from "../models/specs.ts";
import { counted, print, printJson, say } from "../output.ts";
import { baseReferences } from "../plan/plan.ts";

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .option("bases", { boolean: true, default: false, description: "Also pin the base images by digest" })
    .option("check", {
      boolean: true,
      default: false,
      description: "Write nothing; exit 1 and print what has changed",
    })
    .option("allow-outside", outsideOption)
    .example("$0 lock", "after a change of a model's spec")
    .example("$0 lock --bases", "also pin alpine:3.23 and the others to what they are now")
    .example("$0 lock --check", "does the lock still say what the sources have?");

export interface LockArgs extends MatrixArgs {
  bases: boolean;
  check: boolean;
  allowOutside: boolean;
}

type Locked = Pick<Lock, "models" | "bases">;

/** The lock as it would be written now. Bases are looked at when asked for, and in a check where the lock has some. */
async function lockNow(
  config: Config,
  old: Lock,
  { args, signal }: { readonly args: LockArgs; readonly signal: AbortSignal },
): Promise<Locked> {
  const models: Locked["models"] = {};
  const specs = await loadSpecs(config.project, await listModels(config.project));
  for (const [name, spec] of Object.entries(specs)) {
    const { allowOutside } = args;
    const options = { project: config.project, signal, log: say, allowOutside, old: old.models[name] };
    models[name] = await lockModel(name, spec, options);
  }
  const references = args.bases ? baseReferences(config) : args.check ? Object.keys(old.bases) : [];
  if (references.length === 0) return { models, bases: old.bases };
  const run = { signal };
  return { models, bases: await pinBases(references, run, { log: say, old: old.bases }) };
}

export async function handler(args: LockArgs, { signal }: Run): Promise<void> {
  const config = await loadConfig(args);
  const { project } = config;
  const old = await readLock(project);
  const now = await lockNow(config, old, { args, signal });
  const drift = lockDrift(old, now);
  if (args.json) printJson({ current: drift.length === 0, drift });
  if (args.check) {
    if (drift.length > 0) {
      throw new UserError(
        `models/lock.json is not what the sources have now\n${drift.map((line) => `  ${line}`).join("\n")}`,
        {
          reason: "check",
          hint: "`mkimage lock` updates it: read the changes before you commit them.",
        },
      );
    }
    if (!args.json) print("models/lock.json is current");
    return;
  }
  signal.throwIfAborted();
  await updateLock(project, { old, now }, signal);
  for (const line of drift) say(line);
  if (!args.json)
    print(
      `locked ${counted(Object.keys(now.models).length, "model")}, ${counted(Object.keys(now.bases).length, "base")}`,
    );
}
