import type { Lambda } from "../clients/lambda.ts";
import { say } from "../output.ts";
import type { Published } from "../registry/published.ts";
import { type AccountOptions, checkAccount } from "./account.ts";
import { awake } from "./awake.ts";
import { checkDeployable, percent } from "./check.ts";
import type { Figures } from "./gates.ts";
import { type Live, readLive, versionsOf } from "./live.ts";
import { type MeasureOptions, passGates } from "./measure.ts";
import { prove } from "./prove.ts";
import { publish } from "./publish.ts";
import { isState, setAlias, shiftedState, stateOf } from "./shift.ts";
import { setSurroundings } from "./surroundings.ts";
import type { Target } from "./target.ts";
import type { WaitOptions } from "./wait.ts";

export interface DeployOptions extends WaitOptions, MeasureOptions, AccountOptions {
  /** Part of the calls that the new version gets, between 0 and 1; all of them without it. */
  readonly canary?: number | undefined;
}

/** An image that answers as a version of a function. */
export interface Deployed extends Published {
  readonly version: string;
  /** ARN of the alias. */
  readonly arn: string;
  readonly alias: string;
  /** Part of the alias's calls that the version gets. */
  readonly weight: number;
  /** The version that the alias had before; undefined for a new alias. */
  readonly before: string | undefined;
  /** False when everything was as it should be. */
  readonly changed: boolean;
  /** What was measured of it; undefined when it had its calls already. */
  readonly figures: Figures | undefined;
}

interface Staged {
  readonly target: Target;
  readonly live: Live;
  readonly version: string;
  readonly figures: Figures | undefined;
}

/** Publishes the version, unless it is there, and checks its answers, unless it has its calls already. */
async function stage(target: Target, live: Live, options: DeployOptions): Promise<Staged> {
  const version = await publish(target, live, options);
  if (isState(live.alias, { version, weights: {}, before: [] }))
    return { target, live, version, figures: undefined };
  await awake(target.name, version, options);
  say(`${target.name}: checking the answers of version ${version}`);
  const proof = await prove(target, version, options.lambda);
  return { target, live, version, figures: await passGates(target, version, { ...options, proof, live }) };
}

/** Gives the version its calls; then URL, concurrency and tags follow. */
async function shift({ target, live, version, figures }: Staged, options: DeployOptions): Promise<Deployed> {
  const { name, alias: aliasName, image } = target;
  const state = shiftedState(live.alias, version, options.canary);
  const isThere = isState(live.alias, state);
  const alias =
    live.alias && isThere
      ? live.alias
      : await setAlias(options.lambda, { name, alias: live.alias ?? aliasName, state });
  const weight = state.weights[version] ?? 1;
  const share = weight < 1 ? ` for ${percent(weight)} of the calls` : "";
  if (!isThere) say(`${name}: alias ${aliasName} has version ${version}${share}`);
  const isSet = await setSurroundings(target, options.lambda);
  const changed = !isThere || isSet;
  if (!changed) say(`${name}: nothing to do, alias ${aliasName} has version ${version}${share}`);
  const arn = alias.AliasArn ?? "";
  const before = live.alias?.FunctionVersion;
  return { ...image, version, arn, alias: aliasName, weight, before, changed, figures };
}

/** Gives aliases back what they had, as far as they have been moved: either all functions are deployed, or none. */
async function takeBack(moved: readonly Staged[], lambda: Lambda): Promise<void> {
  for (const { target, live, version } of moved) {
    const { name, alias: aliasName } = target;
    const now = live.alias && (await lambda.findAlias(name, aliasName).catch(() => undefined));
    if (!live.alias || !now || isState(now, stateOf(live.alias))) continue;
    if (!versionsOf(now).includes(version)) continue;
    const state = stateOf(live.alias);
    const done = await setAlias(lambda, { name, alias: now, state }).catch(() => undefined);
    say(
      done
        ? `${name}: alias ${aliasName} has version ${state.version} again`
        : `${name}: alias ${aliasName} has version ${version}; take it back: mkimage rollback --function ${name}`,
    );
  }
}

/**
 * Brings functions to what they should be: every new version is published and has given the right answers before the first
 * alias moves. What is there already is not written again.
 * @throws UserError (exit 1) when a version answers wrongly: then the aliases are as they were
 */
export async function deploy(targets: readonly Target[], options: DeployOptions): Promise<Deployed[]> {
  const canary = options.canary !== undefined;
  const live = await Promise.all(targets.map(({ name, alias }) => readLive(options.lambda, name, alias)));
  for (const [index, target] of targets.entries()) checkDeployable(live[index] as Live, target, { canary });
  await checkAccount(targets, live, options);
  const staged: Staged[] = [];
  for (const [index, target] of targets.entries())
    staged.push(await stage(target, live[index] as Live, options));
  const deployed: Deployed[] = [];
  try {
    for (const each of staged) deployed.push(await shift(each, options));
  } catch (error) {
    await takeBack(staged.slice(0, deployed.length + 1), options.lambda);
    throw error;
  }
  return deployed;
}
