import type { Argv } from "yargs";
import { Lambda } from "../clients/lambda.ts";
import { aliasOption } from "../command-line/deploy-options.ts";
import { environmentOptions, type MatrixArgs, matrixOptions, type Run } from "../command-line/options.ts";
import { loadConfig } from "../config/config.ts";
import { percent } from "../deploy/check.ts";
import { readStatus, type Status } from "../deploy/status.ts";
import { print, printJson, table } from "../output.ts";

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .config(environmentOptions(process.env, ["alias"]))
    .option("alias", aliasOption)
    .example("$0 status", "what is live, of every function of mkimage.json");

const versionText = ({ version, weights }: Status): string => {
  const shares = Object.entries(weights).map(([each, weight]) => `${each} (${percent(weight)})`);
  return [version ?? "none", ...shares].join(", ");
};

const row = (status: Status): string[] => [
  status.function,
  status.state,
  status.alias,
  versionText(status),
  status.description?.replace(/^mkimage /, "") ?? "",
  status.image?.split("@")[1]?.slice(0, 19) ?? "",
  status.before.join(", "),
  status.url ?? "",
];

export async function handler(args: MatrixArgs & { alias?: string }, { signal }: Run): Promise<void> {
  const { functions } = await loadConfig(args);
  const lambda = new Lambda(signal);
  const found = await Promise.all(
    functions.map(({ name, deploy }) => readStatus(lambda, name, args.alias ?? deploy.alias)),
  );
  if (args.json) return printJson(found);
  const head = ["function", "state", "alias", "version", "image", "digest", "live before", "url"];
  print(table([head, ...found.map(row)]));
}
