import type { Alias } from "../clients/lambda.ts";
import { UserError } from "../errors.ts";
import { awake } from "./awake.ts";
import { versionsOf } from "./live.ts";
import { type AliasState, rolledBackState, setAlias } from "./shift.ts";
import type { WaitOptions } from "./wait.ts";

/** An alias of a function. */
export interface FunctionAlias {
  readonly name: string;
  readonly alias: string;
}

export interface RolledBack extends FunctionAlias {
  /** The version that has all calls now. */
  readonly version: string;
  /** Versions that had some or all calls before. */
  readonly from: readonly string[];
  readonly arn: string;
}

/** An alias as it is, and as a rollback makes it. */
interface Way {
  readonly name: string;
  readonly alias: Alias;
  readonly state: AliasState;
}

/** What there is to do when the version that was live before cannot answer. */
function otherWays({ name, alias, state }: Way): string {
  const [other] = state.before;
  return [
    `The alias is as it was, with version ${versionsOf(alias).join(", ")}. Deploy the image that you want instead: mkimage deploy --image REFERENCE`,
    ...(other === undefined
      ? []
      : [
          `Version ${other} was live before it: aws lambda update-alias --function-name ${name} --name ${alias.Name} --function-version ${other}`,
        ]),
  ].join("\n");
}

/** Sees that the version of a way back is there and can answer; changes no alias. */
async function checkWay(way: Way, options: WaitOptions): Promise<void> {
  const { name, state } = way;
  const found = await options.lambda.findFunction(name, state.version);
  if (!found) {
    throw new UserError(`Version ${state.version} of ${name}, which was live before, is not there any more`, {
      reason: "check",
      hint: otherWays(way),
    });
  }
  if (found.configuration.State === "Active") return;
  try {
    await awake(name, state.version, options);
  } catch (error) {
    if (error instanceof UserError) error.addHint(otherWays(way));
    throw error;
  }
}

async function findWay({ name, alias: aliasName }: FunctionAlias, options: WaitOptions): Promise<Way> {
  const alias = await options.lambda.findAlias(name, aliasName);
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
  const way = { name, alias, state };
  await checkWay(way, options);
  return way;
}

/**
 * Gives aliases back to the versions that their records name, or takes shifts back, in one call each. All are checked before
 * the first one is changed: there is a way back, and the version can answer.
 * @param done gets each as soon as it is back
 * @throws UserError (exit 1) when there is no alias, no record, no such version any more, or one that Lambda cannot start
 */
export async function rollBack(
  functions: readonly FunctionAlias[],
  options: WaitOptions,
  done: (each: RolledBack) => void = () => {},
): Promise<RolledBack[]> {
  const ways: Way[] = [];
  for (const each of functions) ways.push(await findWay(each, options));
  const all: RolledBack[] = [];
  for (const { name, alias, state } of ways) {
    try {
      const now = await setAlias(options.lambda, { name, alias, state });
      const [version, from] = [state.version, versionsOf(alias)];
      all.push({ name, alias: alias.Name ?? "", version, from, arn: now.AliasArn ?? "" });
    } catch (error) {
      const names = all.map((each) => each.name);
      // The same command again would take these one version further back.
      if (error instanceof UserError && names.length > 0)
        error.addHint(`Rolled back already: ${names.join(", ")}. Name the others with --function.`);
      throw error;
    }
    done(all.at(-1) as RolledBack);
  }
  return all;
}
