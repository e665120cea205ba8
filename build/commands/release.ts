import { resolve } from "node:path";
import type { Argv } from "yargs";
import { CloudWatch } from "../clients/cloudwatch.ts";
import { readAuthor } from "../clients/git.ts";
import { Iam } from "../clients/iam.ts";
import { Lambda } from "../clients/lambda.ts";
import {
  aliasOption,
  type CanaryFlags,
  canaryOptions,
  canaryPlan,
  roleOption,
} from "../command-line/deploy-options.ts";
import {
  environmentOptions,
  frozenOption,
  type MatrixArgs,
  matrixOptions,
  outsideOption,
  type Run,
} from "../command-line/options.ts";
import { loadProject, requireVersion } from "../command-line/prepare.ts";
import { rollOut } from "../deploy/canary.ts";
import { checkFunctions } from "../deploy/check.ts";
import { releaseRecord } from "../deploy/release-record.ts";
import { chooseImages, toTargets } from "../deploy/target.ts";
import { checkWritable, writeAtomic } from "../files/atomic.ts";
import { stringify } from "../files/json.ts";
import { print, printJson, say } from "../output.ts";
import { ecrDestination } from "../registry/destinations.ts";
import { otherRegistries, registryOfNames } from "../registry/places.ts";
import type { Pushed } from "../registry/push.ts";
import { TOOL_VERSION } from "../tool-root.ts";
import { attestOptions, failOnOption, type PushFlags, pushProject, updateOption } from "./push.ts";

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .config(environmentOptions(process.env, ["alias", "role"]))
    .option("frozen", frozenOption)
    .option("allow-outside", outsideOption)
    .option("update-repository", updateOption)
    .option("fail-on", failOnOption)
    .options(attestOptions)
    .option("alias", aliasOption)
    .option("role", roleOption)
    .options(canaryOptions)
    .option("record", {
      string: true,
      requiresArg: true,
      description: "File that gets a record of the release: models, digests, figures, versions, commit",
    })
    .example("$0 release", "build, test, push, deploy, check the answers and the gates, move the aliases")
    .example("$0 release --canary 10% --record release.json", "with a canary, and a record for the archive")
    .example(
      "$0 release --canary 10%,50% --canary-wait 5m",
      "the calls are watched, and failing ones take it back",
    );

interface ReleaseArgs extends MatrixArgs, CanaryFlags, PushFlags {
  alias?: string;
  role?: string;
  record?: string;
}

export async function handler(args: ReleaseArgs, { signal }: Run): Promise<void> {
  const project = await loadProject(args);
  const { config, revision } = project;
  const canary = canaryPlan(args, config.functions);
  requireVersion(project);
  if (args.record) await checkWritable(resolve(args.record));
  const registry = registryOfNames(config.functions.map(({ repository }) => repository));
  const account = { lambda: new Lambda(signal), iam: new Iam(signal), signal };
  await checkFunctions(config.functions, { ...account, flags: args });
  const destination = ecrDestination(registry, signal);
  const { ecr } = destination.parts;
  const others = otherRegistries(config.registries);
  if (others.length > 0) {
    say(`note: Lambda takes images only from ECR: ${others.join(", ")} gets them by mkimage push`);
  }
  const { pushed } = await pushProject(project, args, {
    destinations: [destination],
    signal,
    choose: (images) => chooseImages(images, config),
  });
  for (const { remote, tag, sent } of pushed) say(`${sent ? "pushed" : "already there:"} ${remote}  ${tag}`);
  const targets = toTargets(pushed, config, args);
  const metrics = new CloudWatch(signal);
  const deployed = await rollOut(targets, canary, { ...account, ecr, metrics });
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
