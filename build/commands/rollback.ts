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
  const aliases = functions.map(({ name, deploy }) => ({ name, alias: args.alias ?? deploy.alias }));
  const done = await rollBack(
    aliases,
    { lambda: new Lambda(signal), signal },
    ({ name, alias, version, from }) =>
      say(`${name}: alias ${alias} has version ${version} again, in place of ${from.join(", ")}`),
  );
  if (args.json) return printJson(done);
  print(done.map(({ arn }) => arn).join("\n"));
}
