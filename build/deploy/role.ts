import pRetry from "p-retry";
import type { Iam } from "../clients/iam.ts";
import { UserError } from "../errors.ts";
import { say } from "../output.ts";
import type { WaitOptions } from "./wait.ts";

/** Milliseconds between two attempts, and how many follow the first: what IAM has just changed is known everywhere within seconds. */
const WAIT = 3000;
const RETRIES = 7;

/** What is said of a role that is wrong, and of one that was made a moment ago. */
const UNKNOWN_ROLE =
  /cannot be assumed by Lambda|execution role does not have permissions|execution role does not exist/;

const isUnknownRole = (error: Error): boolean =>
  error instanceof UserError && UNKNOWN_ROLE.test(error.message);

type Waiting = Pick<WaitOptions, "signal" | "roleWait">;

/**
 * Makes a call with an execution role. IAM is eventually consistent: Lambda may not know a new role yet, and answers as for a wrong
 * one. So it is tried again for some seconds.
 * @throws UserError (exit 3) with what to check when Lambda still does not take the role
 */
export function withRole<T>(
  name: string,
  { signal, roleWait = WAIT }: Waiting,
  call: () => Promise<T>,
): Promise<T> {
  const seconds = Math.ceil((roleWait * RETRIES) / 1000);
  return pRetry(call, {
    retries: RETRIES,
    factor: 1,
    minTimeout: roleWait,
    signal,
    shouldRetry: ({ error }) => isUnknownRole(error),
    // Called before `shouldRetry`, for every error.
    onFailedAttempt: ({ error, attemptNumber }) => {
      if (attemptNumber === 1 && isUnknownRole(error))
        say(`${name}: AWS does not know the role yet; trying again for ${seconds} s`);
    },
  });
}

/** What a trust policy has that lets Lambda assume the role; other forms of it are left to Lambda's own check. */
const TRUSTS_LAMBDA = /\blambda\.amazonaws\.com\b|"\*"|NotPrincipal/;

export interface RoleOptions extends Waiting {
  readonly iam: Pick<Iam, "findRole">;
}

/** @throws UserError (exit 3) for a role that is not there, or that Lambda may not assume */
async function requireRole(arn: string, iam: RoleOptions["iam"]): Promise<void> {
  const role = await iam.findRole(arn.slice(arn.lastIndexOf("/") + 1));
  if (role === "hidden") return;
  if (role?.arn !== arn) {
    throw new UserError(`The execution role does not exist: ${arn}`, {
      reason: "environment",
      hint: `${role ? `This account has ${role.arn}. ` : ""}Check \`deploy.role\` in mkimage.json, or --role, and the account of the credentials.`,
    });
  }
  if (TRUSTS_LAMBDA.test(role.trustPolicy)) return;
  throw new UserError(
    `Lambda cannot assume the execution role ${arn}: its trust policy does not name Lambda`,
    {
      reason: "environment",
      hint: 'Add to its trust policy: {"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}',
    },
  );
}

/**
 * Refuses an execution role that Lambda would refuse later. Where the credentials may not read roles, nothing is said.
 * @throws UserError (exit 3) for a role that is not there, or that Lambda may not assume
 */
export const checkRole = (name: string, arn: string, { iam, ...waiting }: RoleOptions): Promise<void> =>
  withRole(name, waiting, () => requireRole(arn, iam));
