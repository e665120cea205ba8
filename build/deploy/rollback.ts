import type { Lambda } from "../clients/lambda.ts";
import { UserError } from "../errors.ts";
import { versionsOf } from "./live.ts";
import { rolledBackState, setAlias } from "./shift.ts";

export interface RolledBack {
  readonly name: string;
  readonly alias: string;
  /** The version that has all calls now. */
  readonly version: string;
  /** Versions that had some or all calls before. */
  readonly from: readonly string[];
  readonly arn: string;
}

/**
 * Gives an alias back to the version that its record names, or takes a shift back, in one call.
 * @throws UserError (exit 1) when there is no alias, no record, or no such version any more
 */
export async function rollBack(name: string, aliasName: string, lambda: Lambda): Promise<RolledBack> {
  const alias = await lambda.findAlias(name, aliasName);
  if (!alias) {
    throw new UserError(`Function ${name} has no alias ${aliasName}`, {
      reason: "check",
      hint: "Nothing has been deployed to it: see `mkimage deploy`, and --alias for another one.",
    });
  }
  const state = rolledBackState(alias);
  if (!state) {
    throw new UserError(`Alias ${aliasName} of ${name} has no record of a version that was live before`, {
      reason: "check",
      hint: `It has version ${alias.FunctionVersion}. Deploy the image that you want instead: mkimage deploy --image REFERENCE`,
    });
  }
  if (!(await lambda.findFunction(name, state.version))) {
    throw new UserError(`Version ${state.version} of ${name}, which was live before, is not there any more`, {
      reason: "check",
      hint: "Deploy the image that you want instead: mkimage deploy --image REFERENCE",
    });
  }
  const now = await setAlias(lambda, { name, alias, state });
  return { name, alias: aliasName, version: state.version, from: versionsOf(alias), arn: now.AliasArn ?? "" };
}
