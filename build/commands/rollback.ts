import type { Argv } from "yargs";
import { Lambda } from "../clients/lambda.ts";
import { aliasOption } from "../command-line/deploy-options.ts";
import { environmentOptions, type MatrixArgs, matrixOptions, type Run } from "../command-line/options.ts";
import { loadConfig } from "../config/config.ts";
import { rollBack } from "../deploy/rollback.ts";
import { print, printJson, say } from "../output.ts";

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .config(environmentOptions(process.env, ["alias"]))
    .option("alias", aliasOption)
    .example("$0 rollback --function embed", "to the version that was live before; or takes a canary back");

export async function handler(args: MatrixArgs & { alias?: string }, { signal }: Run): Promise<void> {
  const { functions } = await loadConfig(args);
  const lambda = new Lambda(signal);
  const done = [];
  for (const { name, deploy } of functions) {
    const result = await rollBack(name, args.alias ?? deploy.alias, lambda);
    say(
      `${name}: alias ${result.alias} has version ${result.version} again; before: ${result.from.join(", ")}`,
    );
    done.push(result);
  }
  if (args.json) return printJson(done);
  print(done.map(({ arn }) => arn).join("\n"));
}
