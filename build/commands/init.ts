import { dirname, resolve } from "node:path";
import type { Argv } from "yargs";
import { TASKS, type Task } from "../../models/tasks.ts";
import { ARCHES, DEFAULT_QUANTIZATION, names, OSES, QUANTIZATIONS } from "../catalog.ts";
import { askText, canAsk, choose, chooseSome } from "../command-line/ask.ts";
import { describeRequest, type ModelArgs, modelOptions } from "../command-line/model-options.ts";
import type { Run } from "../command-line/options.ts";
import { matrixLists } from "../command-line/options.ts";
import { CONFIG_FILE } from "../config/config.ts";
import { addFunction } from "../config/edit.ts";
import { screen } from "../display/screen.ts";
import { UserError } from "../errors.ts";
import { installedSchema } from "../files/installed-schema.ts";
import { readText } from "../files/limits.ts";
import { systemFault } from "../files/system-fault.ts";
import { describeModel, nameOf } from "../models/import/spec.ts";
import { USUAL_MODELS } from "../models/import/usual-models.ts";
import { lockDescribed, lockedLine, refusePresent, writeModel } from "../models/import/write.ts";
import { print, printJson, say } from "../output.ts";
import { jsonOption, projectOption } from "./models/options.ts";

export const builder = (yargs: Argv) =>
  matrixLists(
    modelOptions(
      yargs.positional("source", {
        type: "string",
        describe: "hf:OWNER/NAME, file:DIR, s3://BUCKET/PREFIX, https://HOST/FILE.onnx or pypi:NAME@VERSION",
      }),
    ),
  )
    .option("function", {
      string: true,
      requiresArg: true,
      description: "Name of the function [default: the model's]",
    })
    .option("force", {
      boolean: true,
      default: false,
      description: "Replace a spec or a function of this name",
    })
    .option("config", projectOption)
    .option("json", jsonOption)
    .example("$0 init hf:sentence-transformers/all-MiniLM-L6-v2", "every system and architecture")
    .example("$0 init", "on a terminal: asks for task, model and matrix")
    .example(
      "$0 init file:export --function search --os alpine --arch arm64",
      "an exported model, one image",
    );

export interface InitArgs extends ModelArgs {
  source?: string;
  function?: string;
  os?: readonly string[];
  arch?: readonly string[];
  quantization?: readonly string[];
  force: boolean;
  config?: string;
  json: boolean;
}

/** The matrix as mkimage.json has it: without what is the default. */
const matrixFields = ({ os, arch, quantization }: Pick<InitArgs, "os" | "arch" | "quantization">) => ({
  ...(os && { os }),
  ...(arch && { arch }),
  ...(quantization && { quantization }),
});

/** Asks for what the command line does not say: the model, and the matrix of a new project. */
async function askAll(args: InitArgs, isNew: boolean, signal: AbortSignal): Promise<InitArgs> {
  const task = args.task ?? (await choose<Task>("What is the model to do?", names(TASKS), signal));
  const usual = USUAL_MODELS[task as Task] ?? "";
  const source = await askText("Which model? (hf:OWNER/NAME, file:DIR, s3://…)", usual, signal);
  if (!isNew) return { ...args, task, source };
  const some = async <T extends string>(
    message: string,
    given: readonly string[] | undefined,
    of: readonly T[],
    usually = of,
  ) => {
    if (given) return given;
    const chosen = await chooseSome(message, { of, chosen: usually }, signal);
    const isUsual = chosen.length === usually.length && usually.every((each) => chosen.includes(each));
    return isUsual ? undefined : chosen;
  };
  const os = await some("Operating systems", args.os, names(OSES));
  const arch = await some("Architectures", args.arch, names(ARCHES));
  const quantization = await some("Number formats", args.quantization, names(QUANTIZATIONS), [
    DEFAULT_QUANTIZATION,
  ]);
  return {
    ...args,
    task,
    source,
    ...matrixFields({
      ...args,
      ...(os && { os }),
      ...(arch && { arch }),
      ...(quantization && { quantization }),
    }),
  };
}

const readConfig = (path: string) =>
  readText(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw cause instanceof UserError
      ? cause
      : new UserError(`Cannot read ${path}: ${systemFault(cause)}`, { cause });
  });

export async function handler(given: InitArgs, { signal }: Run): Promise<void> {
  const config = resolve(given.config ?? CONFIG_FILE);
  const project = dirname(config);
  const text = await readConfig(config);
  if (given.source === undefined && !canAsk()) {
    throw new UserError("Name a model: there is no terminal to ask on", {
      hint: `For example: mkimage init ${USUAL_MODELS["feature-extraction"]}`,
    });
  }
  const args = given.source === undefined ? await askAll(given, text === undefined, signal) : given;
  const source = args.source ?? "";
  const request = describeRequest(source, args, { project, signal });
  const model = nameOf(source, args.name);
  if (!args.force) refusePresent(project, model);
  const row = {
    name: args.function ?? model.replaceAll(".", "-").slice(0, 64),
    model,
    fields: {
      ...installedSchema(project, "docs/mkimage.schema.json"),
      ...matrixFields(args),
    },
  };
  // What cannot be written is said before anything is fetched.
  const content = addFunction(text, row, args);
  const made = await lockDescribed(await describeModel(request), request);
  signal.throwIfAborted();
  const written = await writeModel(made, { project, signal, more: { path: config, content } });
  const paths = [...written, args.config ?? CONFIG_FILE];
  if (args.json) return printJson({ function: row.name, model, paths, spec: made.spec, lock: made.locked });
  screen.rest();
  say(lockedLine(made));
  say("Next: mkimage build, then mkimage test");
  print(paths.join("\n"));
}
