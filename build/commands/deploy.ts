import type { Argv } from "yargs";
import { names } from "../catalog.ts";
import { CloudWatch } from "../clients/cloudwatch.ts";
import { Ecr } from "../clients/ecr.ts";
import { ecrRegistry } from "../clients/ecr-repository.ts";
import { Iam } from "../clients/iam.ts";
import { Lambda } from "../clients/lambda.ts";
import { registryHost } from "../clients/reference.ts";
import {
  aliasOption,
  type CanaryFlags,
  canaryOptions,
  canaryPlan,
  roleOption,
} from "../command-line/deploy-options.ts";
import { environmentOptions, type MatrixArgs, matrixOptions, type Run } from "../command-line/options.ts";
import { loadProject, type Project, planBuilt, requireVersion } from "../command-line/prepare.ts";
import { rollOut } from "../deploy/canary.ts";
import { changeLine } from "../deploy/changes.ts";
import type { Deployed } from "../deploy/deploy.ts";
import { type Preview, preview } from "../deploy/preview.ts";
import { SNIPPETS } from "../deploy/snippets/index.ts";
import { chooseImages, toTargets } from "../deploy/target.ts";
import { UserError } from "../errors.ts";
import { oneOf } from "../known-names.ts";
import { print, printJson } from "../output.ts";
import { registryOfNames, requireEcrImage } from "../registry/places.ts";
import { checkNamed, findPublished, namedImage, type Published } from "../registry/published.ts";

export const builder = (yargs: Argv) =>
  matrixOptions(yargs)
    .config(environmentOptions(process.env, ["alias", "role"]))
    .option("alias", aliasOption)
    .option("role", roleOption)
    .options(canaryOptions)
    .option("image", {
      string: true,
      requiresArg: true,
      description:
        "Reference by digest, as `mkimage push` prints it [default: what the registry has under the tag]",
    })
    .option("plan", {
      boolean: true,
      default: false,
      description: "Write nothing; print what would change, and exit 2 if anything would",
    })
    .option("print", {
      string: true,
      requiresArg: true,
      description: `Deploy nothing; print the function for another tool: ${names(SNIPPETS).join(", ")}`,
    })
    .example("$0 deploy --function embed --os alpine --arch arm64", "what was pushed, at once")
    .example(
      "$0 deploy --canary 10%",
      "a tenth of the calls; the same command without it gives it all of them",
    )
    .example("$0 deploy --canary 10%,50% --canary-wait 5m", "step by step while the calls are watched");

export interface DeployArgs extends MatrixArgs, CanaryFlags {
  alias?: string;
  role?: string;
  image?: string;
  print?: string;
  plan: boolean;
}

const summary = ({
  function: name,
  remote,
  version,
  alias,
  arn,
  weight,
  before,
  changed,
  figures,
}: Deployed) => ({
  function: name,
  reference: remote,
  version,
  alias,
  arn,
  weight,
  before: before ?? null,
  changed,
  ...(figures && { figures }),
});

/** The images to deploy: as the registry has them, or the one that `--image` names. */
async function publishedImages(
  { image }: DeployArgs,
  project: Project,
  { ecr, signal }: { readonly ecr: Ecr; readonly signal: AbortSignal },
): Promise<Published[]> {
  const images = chooseImages(await planBuilt(project, signal), project.config);
  return image ? namedImage(images, image) : findPublished(images, ecr);
}

/** Prints what would change. @throws UserError (exit 2) when anything would */
function printPreview(previews: readonly Preview[], { json }: DeployArgs): void {
  const changed = previews.filter(({ changes }) => changes.length > 0);
  if (json) printJson(previews);
  else {
    const lines = changed.flatMap((each) => [
      each.function,
      ...each.changes.map((change) => `  ${changeLine(change)}`),
    ]);
    print(lines.join("\n") || "nothing would change");
  }
  if (changed.length === 0) return;
  throw new UserError(`${changed.map((each) => each.function).join(", ")} would change`, {
    reason: "changes",
    hint: "The same command without --plan does it.",
  });
}

export async function handler(args: DeployArgs, { signal }: Run): Promise<void> {
  const tool = args.print === undefined ? undefined : oneOf("tool", args.print, names(SNIPPETS));
  const project = await loadProject(args);
  const canary = canaryPlan(args, project.config.functions);
  if (args.image) requireEcrImage(args.image);
  else requireVersion(project);
  const ecr = new Ecr(signal, registryOfNames(project.config.functions.map(({ repository }) => repository)));
  const images = await publishedImages(args, project, { ecr, signal });
  const targets = toTargets(images, project.config, args);
  if (tool) return print(targets.map(SNIPPETS[tool]).join("\n\n"));
  if (args.image) {
    const registry = ecrRegistry(registryHost(args.image) ?? "");
    for (const image of images) await checkNamed(image, { ecr: new Ecr(signal, registry), signal });
  }
  const account = { lambda: new Lambda(signal), iam: new Iam(signal), signal };
  if (args.plan) return printPreview(await preview(targets, { ...account, canary: canary?.steps[0] }), args);
  const metrics = new CloudWatch(signal);
  const deployed = await rollOut(targets, canary, { ...account, ecr, metrics });
  if (args.json) return printJson(deployed.map(summary));
  print(deployed.map(({ arn }) => arn).join("\n"));
}
