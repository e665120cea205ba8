import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Argv } from "yargs";
import { modelSpec, NAME } from "../../../models/spec.ts";
import { TASKS, type Task } from "../../../models/tasks.ts";
import { names } from "../../catalog.ts";
import type { Run } from "../../command-line/options.ts";
import { UserError } from "../../errors.ts";
import { withAside } from "../../files/atomic.ts";
import { checkJson, stringify } from "../../files/json.ts";
import { describeHubModel, modelName } from "../../models/hub-import/spec.ts";
import { lockModel } from "../../models/lock-model.ts";
import { readLock, updateLock } from "../../models/lockfile.ts";
import { parseHubAddress } from "../../models/sources/hf.ts";
import { oneOf } from "../../nearest.ts";
import { print, printJson, say } from "../../output.ts";
import { jsonOption, type ModelsArgs, projectOf, projectOption } from "./options.ts";

export const builder = (yargs: Argv) =>
  yargs
    .positional("source", { type: "string", demandOption: true, describe: "hf:OWNER/NAME[@REVISION]" })
    .option("task", {
      string: true,
      requiresArg: true,
      demandOption: true,
      description: `What it does: ${names(TASKS).join(", ")}`,
    })
    .option("name", {
      string: true,
      requiresArg: true,
      description: "Name of the spec [default: from the repository]",
    })
    .option("onnx", {
      string: true,
      requiresArg: true,
      description: "ONNX file in it [default: onnx/model.onnx or model.onnx]",
    })
    .option("force", { boolean: true, default: false, description: "Replace a spec of this name" })
    .option("config", projectOption)
    .option("json", jsonOption)
    .example(
      "$0 models add hf:sentence-transformers/all-MiniLM-L6-v2 --task feature-extraction",
      "writes models/all-minilm-l6-v2.json",
    );

export interface AddArgs extends ModelsArgs {
  source: string;
  task: string;
  name?: string;
  onnx?: string;
  force: boolean;
}

function chosenName(given: string | undefined, address: string): string {
  const name = given ?? modelName(parseHubAddress(address).repo);
  if (NAME.test(name) && name !== "lock") return name;
  throw new UserError(`"${name}" is not a name for a model`, {
    hint: "Give a lower-case name such as all-minilm-l6-v2 with --name.",
  });
}

export async function handler(args: AddArgs, { signal }: Run): Promise<void> {
  const project = projectOf(args);
  const task = oneOf<Task>("task", args.task, names(TASKS));
  const [, address] = /^hf:(.+)$/.exec(args.source) ?? [];
  if (!address) {
    throw new UserError(`Cannot add "${args.source}"`, {
      hint: "Write it as hf:OWNER/NAME; for another source write models/NAME.json by hand: docs/configuration.md",
    });
  }
  const name = chosenName(args.name, address);
  const path = join(project, "models", `${name}.json`);
  if (existsSync(path) && !args.force) {
    throw new UserError(`models/${name}.json is there already`, {
      hint: "Replace it with --force, or give another --name.",
    });
  }
  const options = { project, signal, log: say };
  const { spec: written, commits } = await describeHubModel({
    ...options,
    name,
    address,
    task,
    onnx: args.onnx,
  });
  const spec = checkJson(modelSpec, written, `models/${name}.json`);
  const locked = await lockModel(name, spec, { ...options, commits });
  signal.throwIfAborted();
  // The spec comes last: an interrupted run leaves none, or the old one.
  await withAside(path, async (aside) => {
    await writeFile(aside, stringify(written));
    const old = await readLock(project);
    await updateLock(project, { old, now: { ...old, models: { ...old.models, [name]: locked } } }, signal);
    await rename(aside, path);
  });
  if (args.json) return printJson({ name, path, spec: written, lock: locked });
  say(
    `locked at commit ${Object.values(locked.commits ?? {})[0] ?? "unknown"}: ${Object.keys(locked.files).join(", ")}`,
  );
  print(`models/${name}.json`);
}
