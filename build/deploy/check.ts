import type { Lambda, LambdaFunction } from "../clients/lambda.ts";
import type { FunctionConfig } from "../config/config.ts";
import { UserError } from "../errors.ts";
import { type Live, matchingVersion, weightsOf } from "./live.ts";
import { checkRole, type RoleOptions } from "./role.ts";
import type { DeployFlags, Target } from "./target.ts";

export const percent = (weight: number): string => `${Math.round(weight * 1000) / 10} %`;

/** How a function gets the role that it lacks. */
export const roleHint = (name: string): string =>
  `Name one: functions.${name}.deploy.role in mkimage.json, or --role arn:aws:iam::123456789012:role/NAME\ndocs/deploy.md has the commands that make one.`;

const withoutRole = (name: string): UserError =>
  new UserError(`Function ${name} is not in Lambda yet, and has no role to create it with`, {
    hint: roleHint(name),
  });

/** @throws UserError (exit 2) for a new function without a role; (exit 1) for one of a ZIP file, or in state Failed */
function checkFunction(name: string, latest: LambdaFunction | undefined, role: string | undefined): void {
  if (!latest) {
    if (role) return;
    throw withoutRole(name);
  }
  const { PackageType, State, StateReason } = latest.configuration;
  if (PackageType && PackageType !== "Image") {
    throw new UserError(
      `Function ${name} is made of a ${PackageType} file, and Lambda does not change that`,
      {
        reason: "check",
        hint: `Give the function another name in mkimage.json, or remove the old one: aws lambda delete-function --function-name ${name}`,
      },
    );
  }
  if (State === "Failed") {
    throw new UserError(`Function ${name} is in state Failed: ${StateReason}`, {
      reason: "check",
      hint: `Fix the cause, then remove it and deploy again: aws lambda delete-function --function-name ${name}`,
    });
  }
}

/**
 * Refuses what a deployment would fail at, before the first change.
 * @throws UserError (exit 2) for what mkimage.json lacks; (exit 1) for a function that cannot be deployed to as it is
 */
export function checkDeployable(live: Live, target: Target, { canary }: { readonly canary: boolean }): void {
  checkFunction(target.name, live.latest, target.content.settings.role);
  checkAlias(live, target);
  if (canary) checkWeights(live, target);
}

/**
 * Refuses, before a long build, functions that could not be deployed after it.
 * @throws UserError (exit 2) for a new function without a role; (exit 1) for a function that cannot be deployed to as it is;
 * (exit 3) for a role that Lambda would refuse, and when Lambda cannot be asked
 */
export async function checkFunctions(
  functions: readonly FunctionConfig[],
  { flags, lambda, ...options }: RoleOptions & { readonly flags: DeployFlags; readonly lambda: Lambda },
): Promise<void> {
  for (const { name, deploy } of functions) {
    const role = flags.role ?? deploy.role;
    const latest = await lambda.findFunction(name);
    checkFunction(name, latest, role);
    if (role && role !== latest?.configuration.Role) await checkRole(name, role, options);
  }
}

/** The alias has to name a version, and no shift of anybody else. */
function checkAlias(live: Live, target: Target): void {
  const { name, alias: aliasName } = target;
  const { alias } = live;
  if (alias?.FunctionVersion === "$LATEST") {
    throw new UserError(
      `Alias ${aliasName} of ${name} has $LATEST: new code would answer callers before it is checked`,
      {
        reason: "check",
        hint: `Publish a version and give it to the alias: aws lambda publish-version --function-name ${name}; aws lambda update-alias --function-name ${name} --name ${aliasName} --function-version VERSION`,
      },
    );
  }
  const weights = Object.entries(weightsOf(alias));
  const wanted = matchingVersion(live, target);
  const other = weights.filter(([version]) => version !== wanted);
  if (other.length === 0) return;
  const shares = other.map(([version, weight]) => `version ${version} has ${percent(weight)}`).join(", ");
  throw new UserError(
    `Alias ${aliasName} of ${name} is in a shift to another version: beside ${alias?.FunctionVersion}, ${shares}`,
    {
      reason: "check",
      hint: `Finish that shift from where it was begun, or take it back: mkimage rollback --function ${name} --alias ${aliasName}`,
    },
  );
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html: what two versions of an alias must share. */
function checkWeights({ alias, versions }: Live, { name, content }: Target): void {
  const live = alias?.FunctionVersion && versions.get(alias.FunctionVersion)?.configuration;
  if (!live) return;
  const { role = live.Role, deadLetter = live.DeadLetterConfig?.TargetArn } = content.settings;
  if (role === live.Role && deadLetter === live.DeadLetterConfig?.TargetArn) return;
  const what = role === live.Role ? "dead letter queue" : "execution role";
  throw new UserError(
    `--canary: version ${alias.FunctionVersion} of ${name} has another ${what}, and Lambda splits calls only between versions with the same one`,
    { hint: "Deploy without --canary, or change it in a deployment of its own first." },
  );
}
