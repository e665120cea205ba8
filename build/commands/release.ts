import { resolve } from "node:path";
import type { Argv } from "yargs";
import { Ecr } from "../clients/ecr.ts";
import { readAuthor } from "../clients/git.ts";
import { Lambda } from "../clients/lambda.ts";
import { aliasOption, canaryOption, canaryWeight, roleOption } from "../command-line/deploy-options.ts";
import {
  environmentOptions,
  frozenOption,
  type MatrixArgs,
  matrixOptions,
  outsideOption,
  type Run,
} from "../command-line/options.ts";
import { loadProject, requireVersion } from "../command-line/prepare.ts";
import { requireRole } from "../deploy/check.ts";
import { deploy } from "../deploy/deploy.ts";
import { releaseRecord } from "../deploy/release-record.ts";
import { chooseImages, toTargets } from "../deploy/target.ts";
import { writeAtomic } from "../files/atomic.ts";
import { stringify } from "../files/json.ts";
import { print, printJson, say } from "../output.ts";
import type { Pushed } from "../registry/push.ts";
import { registryOfNames } from "../registry/repositories.ts";
import { TOOL_VERSION } from "../tool-root.ts";
import { pushProject } from "./push.ts";

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .config(environmentOptions(process.env, ["alias", "role"]))
    .option("frozen", frozenOption)
    .option("allow-outside", outsideOption)
    .option("alias", aliasOption)
    .option("role", roleOption)
    .option("canary", canaryOption)
    .option("record", {
      string: true,
      requiresArg: true,
      description: "File that gets a record of the release: models, digests, figures, versions, commit",
    })
    .example("$0 release", "build, test, push, deploy, check the answers and the gates, move the aliases")
    .example("$0 release --canary 10% --record release.json", "with a canary, and a record for the archive");

interface ReleaseArgs extends MatrixArgs {
  frozen?: boolean;
  allowOutside?: boolean;
  alias?: string;
  role?: string;
  canary?: string;
  record?: string;
}

export async function handler(args: ReleaseArgs, { signal }: Run): Promise<void> {
  const canary = canaryWeight(args.canary);
  const project = await loadProject(args);
  const { config, revision } = project;
  requireVersion(project);
  const lambda = new Lambda(signal);
  await requireRole(config.functions, { flags: args, lambda });
  const ecr = new Ecr(signal, registryOfNames(config.functions.map(({ repository }) => repository)));
  const pushed = await pushProject(project, args, {
    ecr,
    signal,
    choose: (images) => chooseImages(images, config),
  });
  for (const { remote, tag, sent } of pushed) say(`${sent ? "pushed" : "already there:"} ${remote}  ${tag}`);
  const targets = toTargets(pushed, config, args);
  const deployed = await deploy(targets, { lambda, ecr, signal, canary });
  const released = deployed.map((each, index) => ({ deployed: each, pushed: pushed[index] as Pushed }));
  const author = revision.revision ? await readAuthor(config.project) : undefined;
  const record = releaseRecord(released, { revision, author, tool: TOOL_VERSION });
  if (args.record) {
    await writeAtomic(resolve(args.record), stringify(record));
    say(`wrote ${args.record}`);
  }
  if (args.json) return printJson(record);
  print(deployed.map(({ arn }) => arn).join("\n"));
}
