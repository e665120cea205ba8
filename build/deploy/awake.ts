import { setTimeout as delay } from "node:timers/promises";
import { isNamed } from "../clients/aws-errors.ts";
import type { FunctionConfiguration } from "../clients/lambda.ts";
import { UserError } from "../errors.ts";
import { say } from "../output.ts";
import { idle, settled, type WaitOptions } from "./wait.ts";

/** How often a version is called that Lambda makes Inactive again. */
const CALLS = 3;
/** Milliseconds until Lambda says Pending after such a call. */
const NOTICED = 1000;

/** Calls a version that is Inactive: Lambda refuses the call, and begins to prepare the version. */
async function call(name: string, version: string, { lambda }: WaitOptions): Promise<void> {
  try {
    await lambda.invoke(name, { qualifier: version, event: "{}", seconds: 0 });
  } catch (error) {
    if (!(error instanceof UserError) || isNamed(error, "AccessDeniedException")) throw error;
  }
}

/**
 * Sees that a version can answer. Lambda frees what it has prepared of a version without calls for weeks, and prepares it anew
 * after a first call, which it refuses: that call is made here, not by a user of the function.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-images.html
 * @throws UserError (exit 1) when Lambda cannot start it, with its reason: the image was removed from ECR, for example;
 * (exit 3) when it takes too long
 */
export async function awake(
  name: string,
  version: string,
  options: WaitOptions,
): Promise<FunctionConfiguration> {
  for (let calls = 0; ; calls += 1) {
    const now = await idle(name, options, version);
    if (now.State !== "Inactive") return settled(name, options, version);
    if (calls === CALLS) {
      throw new UserError(
        `Version ${version} of ${name} stays Inactive: ${now.StateReason ?? "Lambda gives no reason"}`,
        { reason: "check" },
      );
    }
    say(`${name}: version ${version} is Inactive, as it had no calls for weeks; waking it`);
    await call(name, version, options);
    await delay(NOTICED, undefined, { signal: options.signal });
  }
}
