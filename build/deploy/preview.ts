import { type AccountOptions, checkAccount } from "./account.ts";
import { type Change, versionChanges } from "./changes.ts";
import { checkDeployable, percent } from "./check.ts";
import { type Live, matchingVersion, readLive } from "./live.ts";
import { type AliasState, isState, shiftedState, stateOf } from "./shift.ts";
import { surroundingChanges } from "./surroundings.ts";
import type { Target } from "./target.ts";

/** What a deployment would change. */
export interface Preview {
  readonly function: string;
  readonly changes: readonly Change[];
}

const NEW = "a new version";

/** An alias in words: `version 5`, or `version 5, version 7 for 10 %`. */
function aliasText({ version, weights }: Pick<AliasState, "version" | "weights">): string {
  const title = (each: string) => (each === NEW ? NEW : `version ${each}`);
  const shares = Object.entries(weights).map(([each, weight]) => `${title(each)} for ${percent(weight)}`);
  return [title(version), ...shares].join(", ");
}

/** What a deployment would change of what callers have now. Pure. */
function versionAndAlias(live: Live, target: Target, canary?: number): Change[] {
  const { alias: aliasName, content } = target;
  const { latest, alias, versions } = live;
  const version = matchingVersion(live, target);
  const now = versions.get(alias?.FunctionVersion ?? "") ?? latest;
  const state = shiftedState(alias, version ?? NEW, canary);
  if (isState(alias, state)) return [];
  const shift = {
    field: `alias ${aliasName}`,
    from: alias && aliasText(stateOf(alias)),
    to: aliasText(state),
  };
  return [...versionChanges(now, content), shift];
}

/**
 * What `deploy` would change. Nothing is written.
 * @throws UserError as `deploy` does before its first change
 */
export async function preview(
  targets: readonly Target[],
  { canary, ...account }: AccountOptions & { readonly canary?: number | undefined },
): Promise<Preview[]> {
  const { lambda } = account;
  const live = await Promise.all(targets.map(({ name, alias }) => readLive(lambda, name, alias)));
  for (const [index, target] of targets.entries())
    checkDeployable(live[index] as Live, target, { canary: canary !== undefined });
  await checkAccount(targets, live, account);
  return Promise.all(
    targets.map(async (target, index) => {
      const own = live[index] as Live;
      const surroundings = await surroundingChanges(target, own, lambda);
      return { function: target.name, changes: [...versionAndAlias(own, target, canary), ...surroundings] };
    }),
  );
}
