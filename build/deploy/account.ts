import { ecrRegistry } from "../clients/ecr-repository.ts";
import type { Lambda } from "../clients/lambda.ts";
import { registryHost } from "../clients/reference.ts";
import { UserError } from "../errors.ts";
import type { Live } from "./live.ts";
import { checkRole, type RoleOptions } from "./role.ts";
import type { Target } from "./target.ts";

/** What Lambda keeps for functions that reserve nothing: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
const KEPT = 100;

/** Lambda reads images from ECR of its own region alone. */
async function checkRegion({ name, content }: Target, lambda: Lambda): Promise<void> {
  const registry = ecrRegistry(registryHost(content.image) ?? "");
  if (!registry) return;
  const region = await lambda.region();
  if (registry.region === region) return;
  throw new UserError(
    `The image of ${name} is in ${registry.region}, and the function in ${region}: Lambda takes images from its own region`,
    {
      hint: `Push it there first: mkimage push --registry ${region}. Or deploy in its own region: AWS_REGION=${registry.region}`,
    },
  );
}

/** Reserved concurrency comes out of the account's own, and is set when the alias has moved already. */
async function checkReserved(
  targets: readonly Target[],
  live: readonly Live[],
  lambda: Lambda,
): Promise<void> {
  const more = targets.map(({ surroundings }, index) =>
    Math.max(0, (surroundings.concurrency?.reserved ?? 0) - (live[index]?.latest?.reserved ?? 0)),
  );
  const wanted = more.reduce((sum, each) => sum + each, 0);
  const limits = wanted > 0 ? await lambda.concurrency() : undefined;
  if (!limits) return;
  const left = Math.max(0, limits.unreserved - Math.min(KEPT, limits.all));
  if (wanted <= left) return;
  const names = targets.filter((_, index) => (more[index] ?? 0) > 0).map(({ name }) => name);
  throw new UserError(
    `concurrency.reserved of ${names.join(", ")} asks for ${wanted} more, and the account has ${left} left to reserve in this region`,
    {
      reason: "check",
      hint: `Reserve less in mkimage.json, or raise the account's quota for concurrent executions, which is ${limits.all}.`,
    },
  );
}

export interface AccountOptions extends RoleOptions {
  readonly lambda: Lambda;
}

/**
 * Refuses what the account or its region would refuse in the midst of a deployment, before the first change.
 * @throws UserError (exit 2) for an image of another region; (exit 1) for more concurrency than there is; (exit 3) for a role
 * that Lambda would refuse
 */
export async function checkAccount(
  targets: readonly Target[],
  live: readonly Live[],
  { lambda, ...options }: AccountOptions,
): Promise<void> {
  for (const target of targets) await checkRegion(target, lambda);
  await checkReserved(targets, live, lambda);
  for (const [index, { name, content }] of targets.entries()) {
    const { role } = content.settings;
    if (role && role !== live[index]?.latest?.configuration.Role) await checkRole(name, role, options);
  }
}
