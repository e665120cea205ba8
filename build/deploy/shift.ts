import { isDeepStrictEqual } from "node:util";
import { isNamed } from "../clients/aws-errors.ts";
import type { Alias, Lambda } from "../clients/lambda.ts";
import { weightsOf } from "./live.ts";
import { liveBefore, recordOf } from "./record.ts";

/** What an alias should say. */
export interface AliasState {
  readonly version: string;
  /** Of another version beside it: version → part of the calls. */
  readonly weights: Readonly<Record<string, number>>;
  /** The versions that were live before, the latest first. */
  readonly before: readonly string[];
}

/** What an alias says now. */
export const stateOf = (alias: Alias): AliasState => ({
  version: alias.FunctionVersion ?? "",
  weights: weightsOf(alias),
  before: liveBefore(alias.Description),
});

/** An alias after a shift to a version: all calls, or with `weight` a part of them beside the version that is live. Pure. */
export function shiftedState(alias: Alias | undefined, version: string, weight?: number): AliasState {
  if (!alias) return { version, weights: {}, before: [] };
  const now = stateOf(alias);
  if (now.version === version) return { ...now, weights: {} };
  if (weight !== undefined) return { ...now, weights: { [version]: weight } };
  return { version, weights: {}, before: [now.version, ...now.before.filter((each) => each !== version)] };
}

/**
 * The state that a rollback gives: a shift is taken back, else the version that was live before comes back. Undefined when
 * there is no record of one. Pure.
 */
export function rolledBackState(alias: Alias): AliasState | undefined {
  const now = stateOf(alias);
  if (Object.keys(now.weights).length > 0) return { ...now, weights: {} };
  const [version, ...before] = now.before;
  return version ? { version, weights: {}, before } : undefined;
}

/** Whether an alias says this already. */
export const isState = (alias: Alias | undefined, state: AliasState): boolean =>
  alias !== undefined &&
  alias.FunctionVersion === state.version &&
  isDeepStrictEqual({ ...weightsOf(alias) }, { ...state.weights });

/**
 * Gives an alias a state in one call: version, weights and record change together, or nothing does.
 * @throws UserError (exit 3) when someone else has changed it since it was read
 */
export async function setAlias(
  lambda: Lambda,
  {
    name,
    alias,
    state,
  }: { readonly name: string; readonly alias: Alias | string; readonly state: AliasState },
): Promise<Alias> {
  const input = {
    FunctionName: name,
    Name: typeof alias === "string" ? alias : (alias.Name ?? ""),
    FunctionVersion: state.version,
    RoutingConfig: { AdditionalVersionWeights: { ...state.weights } },
    Description: recordOf(state.before),
  };
  try {
    return typeof alias === "string"
      ? await lambda.createAlias(input)
      : await lambda.updateAlias({ ...input, RevisionId: alias.RevisionId });
  } catch (error) {
    if (!isNamed(error, "PreconditionFailedException") && !isNamed(error, "ResourceConflictException"))
      throw error;
    // The answer to the first attempt was lost, and the SDK's second one came too late: then it is as it should be.
    const now = await lambda.findAlias(name, input.Name);
    if (now && isState(now, state)) return now;
    throw error;
  }
}
