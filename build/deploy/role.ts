import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../errors.ts";
import { say } from "../output.ts";
import type { WaitOptions } from "./wait.ts";

/** Milliseconds between two attempts, and how many there are: what IAM has just changed reaches Lambda within seconds. */
const WAIT = 3000;
const ATTEMPTS = 8;

/** What Lambda says of a role that is wrong, and of one that was made a moment ago. */
const UNKNOWN_ROLE = /cannot be assumed by Lambda|execution role does not have permissions/;

const isUnknownRole = (error: unknown): error is UserError =>
  error instanceof UserError && UNKNOWN_ROLE.test(error.message);

/**
 * Makes a call with an execution role. IAM is eventually consistent: Lambda may not know a new role yet, and answers as for a wrong
 * one. So it is tried again for half a minute.
 * @throws UserError (exit 3) with what to check when Lambda still does not take the role
 */
export async function withRole<T>(
  name: string,
  { signal, roleWait = WAIT }: Pick<WaitOptions, "signal" | "roleWait">,
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!isUnknownRole(error) || attempt === ATTEMPTS) throw error;
      const seconds = Math.ceil((roleWait * (ATTEMPTS - 1)) / 1000);
      if (attempt === 1) say(`${name}: Lambda does not take the role yet; trying again for ${seconds} s`);
      await delay(roleWait, undefined, { signal });
    }
  }
}
