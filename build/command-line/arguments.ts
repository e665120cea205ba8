import { UserError } from "../errors.ts";

/** The options of the command at hand by their kind, under every name that they have. */
export interface OptionKinds {
  readonly string: readonly string[];
  readonly array: readonly string[];
  readonly boolean: readonly string[];
  readonly number?: readonly string[];
  readonly positional: readonly string[];
}

const OPTION = /^--(no-)?([^=]+)(?:=(.*))?$/s;

/**
 * Refuses what yargs takes in silence: `--no-` before an option with a value, other values than true and false for one
 * without, a number that is none, what comes after `--`, a value that is given twice, and empty ones, as an unset variable of a shell makes them.
 * @param argv the command line as it came
 * @param args what yargs has made of it
 * @throws UserError (exit 2)
 */
export function checkArguments(
  argv: readonly string[],
  args: Readonly<Record<string, unknown>>,
  kinds: OptionKinds,
): void {
  const end = argv.indexOf("--");
  if (end >= 0) {
    throw new UserError('No arguments are accepted after "--"', {
      hint: "Write arguments and options without it.",
    });
  }
  for (const each of argv) checkForm(each, kinds);
  for (const name of kinds.number ?? []) checkNumber(name, args[name]);
  for (const name of kinds.string) checkValue(name, args[name], kinds);
}

function checkNumber(name: string, value: unknown): void {
  if (value === undefined || Number.isFinite(value)) return;
  throw new UserError(
    `--${name} must be one number${Array.isArray(value) ? `, and is given ${value.length} times` : ""}`,
    {
      hint: "Write it in digits, without a unit.",
    },
  );
}

function checkForm(given: string, { string, boolean }: OptionKinds): void {
  const [, no, name = "", value] = OPTION.exec(given) ?? [];
  if (no && string.includes(name)) {
    throw new UserError(`Unknown option "--no-${name}"`, {
      hint: `--${name} takes a value; leave it out for none.`,
    });
  }
  if (value !== undefined && boolean.includes(name) && !/^(?:true|false)$/.test(value)) {
    throw new UserError(`--${name}: "${value}" is not valid`, { hint: `Write --${name} or --no-${name}.` });
  }
}

function checkValue(name: string, value: unknown, { array, positional }: OptionKinds): void {
  const shown = positional.includes(name) ? `<${name}>` : `--${name}`;
  if (array.includes(name) ? (value as unknown[] | undefined)?.length === 0 : value === "") {
    throw new UserError(`${shown} is empty`, { hint: "Give it a value, or leave it out." });
  }
  if (array.includes(name) || !Array.isArray(value)) return;
  throw new UserError(`${shown} is given ${value.length} times: ${value.join(", ")}`, {
    hint: "Give it once.",
  });
}
