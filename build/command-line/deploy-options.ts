import { aliasName, roleArn } from "../config/deployment.ts";
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

export const canaryOption = {
  string: true,
  requiresArg: true,
  description:
    "Part of the calls that the new version gets, such as 10%; the rest stays with the version that is live",
} as const;

/**
 * `10%` as a part between 0 and 1.
 * @throws UserError (exit 2) for anything else
 */
export function canaryWeight(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(/^(\d{1,2}(?:\.\d{1,2})?)%$/.exec(text)?.[1]);
  if (value > 0) return value / 100;
  throw new UserError(`--canary: "${text}" is not valid`, {
    hint: "Write a percentage between 0.01% and 99.99%, such as 10%. All calls are given without --canary.",
  });
}
