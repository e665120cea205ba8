import { setTimeout as delay } from "node:timers/promises";
import type { CallCounts, CloudWatch } from "../clients/cloudwatch.ts";
import { EXIT, UserError } from "../errors.ts";
import { say } from "../output.ts";
import { percent } from "./check.ts";
import { type Deployed, type DeployOptions, deploy } from "./deploy.ts";
import { ms } from "./gates.ts";
import { weightsOf } from "./live.ts";
import { rollBack } from "./rollback.ts";
import type { Target } from "./target.ts";

/** How a new version gets its calls, and what ends that. */
export interface CanaryPlan {
  /** Parts of the calls between 0 and 1, ascending; after the last one it gets all of them. */
  readonly steps: readonly number[];
  /** Milliseconds that each step is watched; undefined: the alias stays at the first step. */
  readonly wait: number | undefined;
  /** Most errors of its calls, as a part of them. */
  readonly errorRate: number;
  /** Most times as long that its calls may take on average as those of the live version in the same time. */
  readonly slowdown: number;
}

export interface CanaryOptions extends Omit<DeployOptions, "canary"> {
  readonly metrics: Pick<CloudWatch, "callCounts">;
}

/** Most milliseconds between two looks at the metrics, which change once a minute; a short step has ten looks. */
const LOOK = 15_000;

/** Fewest calls of each version whose mean is compared: fewer are mostly those of new environments. */
const COMPARED = 20;

/** What is wrong with the calls that a version had beside the live one; undefined when nothing is. Pure. */
export function canaryFault(
  now: CallCounts,
  live: CallCounts,
  { errorRate, slowdown }: Pick<CanaryPlan, "errorRate" | "slowdown">,
): string | undefined {
  const { calls, errors, meanMs = 0 } = now;
  if (errors > calls * errorRate) return `${errors} of ${calls} calls failed, and ${percent(errorRate)} may`;
  if (Math.min(calls, live.calls) < COMPARED || live.meanMs === undefined) return undefined;
  if (meanMs <= live.meanMs * slowdown) return undefined;
  return `its calls took ${ms(meanMs)} on average, and may take ${slowdown} times the ${ms(live.meanMs)} of the live version`;
}

/** Looks at the calls since a step was begun until its time is over. @returns what is wrong, as soon as something is */
async function watch(
  deployed: Deployed,
  { since, ...plan }: CanaryPlan & { readonly since: Date },
  { metrics, signal }: CanaryOptions,
): Promise<string | undefined> {
  const { function: name, alias, version, weight, before = "" } = deployed;
  const { wait = 0 } = plan;
  const end = Date.now() + wait;
  let said = "";
  for (;;) {
    const query = { name, alias, since };
    const [counts, live] = await Promise.all([
      metrics.callCounts({ ...query, version }),
      metrics.callCounts({ ...query, version: before }),
    ]);
    const fault = canaryFault(counts, live, plan);
    if (fault) return `version ${version} of ${name}: ${fault}`;
    const left = end - Date.now();
    if (left <= 0) return undefined;
    const line = `${name}: version ${version} has ${percent(weight)} of the calls; ${counts.calls} so far, ${counts.errors} failed`;
    if (line !== said) say(`${line}; the next step is in ${Math.ceil(left / 1000)} s`);
    said = line;
    await delay(Math.min(LOOK, wait / 10, left), undefined, { signal });
  }
}

/** Takes the shifts of functions back; one that cannot be taken back does not stop the others. @throws UserError (exit 1) with why */
async function takeBack(deployed: readonly Deployed[], why: string, options: CanaryOptions): Promise<never> {
  const kept: string[] = [];
  for (const { function: name, alias } of deployed) {
    try {
      const [{ version = "" } = {}] = await rollBack([{ name, alias }], options);
      say(`${name}: alias ${alias} has version ${version} for all calls again`);
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof UserError)) throw error;
      kept.push(`alias ${alias} of ${name} has the step that it had: ${error.message}`);
    }
  }
  const [first] = deployed;
  const log = `What its calls have logged: mkimage logs --function ${first?.function}`;
  if (kept.length > 0) {
    throw new UserError([`The canary has to be taken back: ${why}`, ...kept].join("\n"), {
      reason: "check",
      hint: `Take it back: mkimage rollback\n${log}`,
    });
  }
  throw new UserError(`The canary was taken back: ${why}`, { reason: "check", hint: log });
}

/** The part of its calls that a shift which was interrupted has left to the new version; 0 where there is none. */
async function begun(targets: readonly Target[], { lambda }: CanaryOptions): Promise<number> {
  const aliases = await Promise.all(targets.map(({ name, alias }) => lambda.findAlias(name, alias)));
  return Math.min(...aliases.map((alias) => Math.max(0, ...Object.values(weightsOf(alias)))));
}

/**
 * Deploys in steps: before each one the answers and the gates of the new version are checked, as for any deployment, and after
 * it the calls of callers are watched. When too many fail, they take too long, or the version answers wrongly by now, the version
 * that is live gets all calls back. A run that is interrupted leaves the alias with the step that it had: the next run goes on from there, and
 * `rollback` takes it back.
 * @throws UserError (exit 1) when the canary was taken back; (exit 3), before anything is changed, when CloudWatch cannot be asked
 */
async function deployBySteps(
  targets: readonly Target[],
  plan: CanaryPlan,
  options: CanaryOptions,
): Promise<Deployed[]> {
  const since = new Date(Date.now() - 60_000);
  for (const { name, alias } of targets)
    await options.metrics.callCounts({ name, alias, version: "1", since });
  const from = await begun(targets, options);
  let shifted: readonly Deployed[] = [];
  try {
    for (const canary of plan.steps.filter((step) => step >= from)) {
      // The calls begin with the shift, before `deploy` comes to its end.
      const step = { ...plan, since: new Date() };
      const deployed = await deploy(targets, { ...options, canary });
      shifted = deployed.filter(({ weight }) => weight < 1);
      if (shifted.length === 0) break;
      const faults = await Promise.all(shifted.map((each) => watch(each, step, options)));
      const why = faults.find((fault) => fault !== undefined);
      if (why) throw new UserError(why, { reason: "check" });
    }
    return await deploy(targets, { ...options, canary: undefined });
  } catch (error) {
    const isWrong = error instanceof UserError && error.exitCode === EXIT.check;
    if (!isWrong || shifted.length === 0) throw error;
    return takeBack(shifted, error.message, options);
  }
}

/**
 * Deploys as a plan says: at once without one; with the first step alone where no time is given, for people to go on from there.
 * @throws UserError as `deploy` does, and (exit 1) when a canary was taken back
 */
export function rollOut(
  targets: readonly Target[],
  plan: CanaryPlan | undefined,
  options: CanaryOptions,
): Promise<Deployed[]> {
  const [canary] = plan?.steps ?? [];
  if (plan?.wait === undefined) return deploy(targets, { ...options, canary });
  return deployBySteps(targets, plan, options);
}
