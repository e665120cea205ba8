import { setTimeout as delay } from "node:timers/promises";
import type { FunctionConfiguration, Lambda } from "../clients/lambda.ts";
import { UserError } from "../errors.ts";
import { say } from "../output.ts";

/** Milliseconds between two looks, and how long Lambda may take for an image of 10 GB or a snapshot. */
const PACE = { first: 300, most: 3000 };
const LONGEST = 15 * 60_000;
/** Milliseconds after which it is said again that it is still being waited for. */
const SAID_EVERY = 10_000;

export interface WaitOptions {
  readonly lambda: Lambda;
  readonly signal: AbortSignal;
  /** Milliseconds before a role that Lambda does not know is tried again. */
  readonly roleWait?: number;
}

const isUnderWay = ({ State, LastUpdateStatus }: FunctionConfiguration): boolean =>
  State === "Pending" || LastUpdateStatus === "InProgress";

const titleOf = (name: string, qualifier: string | undefined): string =>
  qualifier ? `version ${qualifier} of ${name}` : name;

/**
 * Waits until Lambda has done what it is at with a function or version, and says so now and then.
 * @returns the function as it is then, also when Lambda has failed
 * @throws UserError (exit 3) when it takes too long
 */
export async function idle(
  name: string,
  { lambda, signal }: WaitOptions,
  qualifier?: string,
): Promise<FunctionConfiguration> {
  const start = performance.now();
  const title = titleOf(name, qualifier);
  let said = start;
  for (let pace = PACE.first; ; pace = Math.min(pace * 1.5, PACE.most)) {
    const now = await lambda.configuration(name, qualifier);
    if (!isUnderWay(now)) return now;
    const seconds = Math.round((performance.now() - start) / 1000);
    if (seconds * 1000 > LONGEST) {
      throw new UserError(`Lambda is still not done with ${title} after ${seconds} s`, {
        reason: "environment",
        hint: "Run the command again later: it goes on where this one ended.",
      });
    }
    if (performance.now() - said > SAID_EVERY) {
      said = performance.now();
      say(`${title}: ${now.State === "Pending" ? "Pending" : "being updated"} for ${seconds} s`);
    }
    await delay(pace, undefined, { signal });
  }
}

/**
 * The same for what must have succeeded.
 * @throws UserError (exit 1) when Lambda has failed, with its reason; (exit 3) when it takes too long
 */
export const settled = async (
  name: string,
  options: WaitOptions,
  qualifier?: string,
): Promise<FunctionConfiguration> =>
  requireSuccess(await idle(name, options, qualifier), titleOf(name, qualifier));

function requireSuccess(now: FunctionConfiguration, title: string): FunctionConfiguration {
  const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = now;
  const reason =
    State === "Failed" ? StateReason : LastUpdateStatus === "Failed" ? LastUpdateStatusReason : undefined;
  if (reason === undefined && State !== "Failed" && LastUpdateStatus !== "Failed") return now;
  throw new UserError(`Lambda failed with ${title}: ${reason ?? "it gives no reason"}`, { reason: "check" });
}
