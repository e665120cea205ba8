import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import type { FunctionConfig } from "../config/config.ts";
import {
  aliasName,
  CANARY_ERROR_RATE,
  CANARY_SLOWDOWN,
  canarySteps,
  canaryWait,
  roleArn,
} from "../config/deployment.ts";
import type { CanaryPlan } from "../deploy/canary.ts";
import { UserError } from "../errors.ts";

/** @throws UserError (exit 2) when a flag's value has not the form that the file's schema asks for */
const checked = (flag: string, schema: typeof aliasName) => (value: string | undefined) => {
  if (value === undefined) return value;
  const { error } = schema.safeParse(value);
  if (!error) return value;
  throw new UserError(`--${flag}: "${value}" is not valid: ${error.issues[0]?.message}`);
};

export const aliasOption = {
  string: true,
  requiresArg: true,
  description: "Alias that callers use [default: deploy.alias of mkimage.json, or live]",
  coerce: checked("alias", aliasName),
} as const;

export const roleOption = {
  string: true,
  requiresArg: true,
  description: "ARN of the execution role [default: deploy.role of mkimage.json]",
  coerce: checked("role", roleArn),
} as const;

export const canaryOptions = {
  canary: {
    string: true,
    requiresArg: true,
    description:
      "Part of the calls that the new version gets, such as 10%; the rest stays with the version that is live [default: deploy.canary of mkimage.json, or all calls]",
  },
  "canary-wait": {
    string: true,
    requiresArg: true,
    description:
      "Watch the calls for this time, such as 5m, then give it the next part of --canary 10%,50%, and at last all; when too many fail or they take too long, take it back",
  },
} as const;

export interface CanaryFlags {
  readonly canary?: string;
  readonly canaryWait?: string;
}

/** @throws UserError (exit 2) when a flag has not the form that the file's schema asks for */
function parsed<S extends z.ZodType>(
  flag: string,
  text: string,
  schema: S,
  value: unknown = text,
): z.output<S> {
  const { data, error } = schema.safeParse(value);
  if (!error) return data as z.output<S>;
  throw new UserError(`--${flag}: "${text}" is not valid: ${error.issues[0]?.message}`, {
    ...(flag === "canary" && { hint: "All calls are given without --canary." }),
  });
}

/**
 * How new versions get their calls: as the flags say, or else mkimage.json; undefined: all at once.
 * @throws UserError (exit 2) for flags that are not valid, and for functions that say different things
 */
export function canaryPlan(
  { canary, canaryWait: waitFlag }: CanaryFlags,
  functions: readonly Pick<FunctionConfig, "name" | "deploy">[],
): CanaryPlan | undefined {
  const [first, ...others] = functions;
  const configured = first?.deploy.canary;
  const other = others.find(({ deploy }) => !isDeepStrictEqual(deploy.canary, configured));
  if (other && canary === undefined) {
    throw new UserError(`Functions ${first?.name} and ${other.name} differ in deploy.canary`, {
      hint: "Deploy them one by one with --function, or give both --canary and --canary-wait.",
    });
  }
  const steps =
    canary === undefined ? configured?.steps : parsed("canary", canary, canarySteps, canary.split(","));
  const wait = waitFlag === undefined ? configured?.wait : parsed("canary-wait", waitFlag, canaryWait);
  if (!steps) {
    if (wait === undefined) return undefined;
    throw new UserError("--canary-wait is for a canary", { hint: "Give the steps too: --canary 10%,50%" });
  }
  // A single step is also one that people go on from by hand.
  const isByHand = canary !== undefined && waitFlag === undefined && steps.length === 1;
  if (!isByHand && wait === undefined) {
    throw new UserError("--canary with several steps needs the time between them", {
      hint: "Add for example --canary-wait 5m.",
    });
  }
  return {
    steps,
    wait: isByHand ? undefined : wait,
    errorRate: configured?.errorRate ?? CANARY_ERROR_RATE,
    slowdown: configured?.slowdown ?? CANARY_SLOWDOWN,
  };
}
