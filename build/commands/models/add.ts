import type { Argv } from "yargs";
import { describeRequest, type ModelArgs, modelOptions } from "../../command-line/model-options.ts";
import type { Run } from "../../command-line/options.ts";
import { screen } from "../../display/screen.ts";
import { describeModel, nameOf } from "../../models/import/spec.ts";
import { lockDescribed, lockedLine, refusePresent, writeModel } from "../../models/import/write.ts";
import { print, printJson, say } from "../../output.ts";
import { jsonOption, type ModelsArgs, projectOf, projectOption } from "./options.ts";

export const builder = (yargs: Argv) =>
  modelOptions(
    yargs.positional("source", {
      type: "string",
      demandOption: true,
      describe:
        "hf:OWNER/NAME[@REVISION], file:DIR, s3://BUCKET/PREFIX, https://HOST/FILE.onnx or pypi:NAME@VERSION",
    }),
  )
    .option("force", { boolean: true, default: false, description: "Replace a spec of this name" })
    .option("config", projectOption)
    .option("json", jsonOption)
    .example("$0 models add hf:sentence-transformers/all-MiniLM-L6-v2", "writes models/all-minilm-l6-v2.json")
    .example("$0 models add file:export --task fill-mask --name words", "what optimum-cli has exported");

export interface AddArgs extends ModelsArgs, ModelArgs {
  source: string;
  force: boolean;
}

export async function handler(args: AddArgs, { signal }: Run): Promise<void> {
  const project = projectOf(args);
  const request = describeRequest(args.source, args, { project, signal });
  if (!args.force) refusePresent(project, nameOf(args.source, args.name));
  const model = await lockDescribed(await describeModel(request), request);
  signal.throwIfAborted();
  const [path = ""] = await writeModel(model, { project, signal });
  if (args.json) return printJson({ name: model.name, path, spec: model.spec, lock: model.locked });
  screen.rest();
  say(lockedLine(model));
  print(path);
}
