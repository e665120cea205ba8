import { readFile } from "node:fs/promises";
import type { Argv } from "yargs";
import { UserError } from "../errors.ts";
import { systemFault } from "../files/system-fault.ts";

export interface EnvArgs {
  env?: readonly string[];
  envFile?: string;
  passAws?: boolean;
}

/** Options for the environment of a function that is run on this machine. */
export const envOptions = <T>(yargs: Argv<T>) =>
  yargs
    .option("env", {
      array: true,
      string: true,
      requiresArg: true,
      description: "A variable for the function, as NAME=value; NAME alone takes this shell's value",
    })
    .option("env-file", {
      string: true,
      requiresArg: true,
      description: "A file with such variables, one a line; --env replaces them",
    })
    .option("pass-aws", {
      boolean: true,
      default: false,
      description: "Pass this shell's AWS credentials and region on to the function",
    }) as Argv<T & EnvArgs>;

/** What the SDKs of AWS read: https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html */
const AWS_VARIABLES = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_ENDPOINT_URL",
];

/** As Lambda takes them: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const NAME = /^[A-Za-z]\w+$/;

const invalid = (what: string, where: string): UserError =>
  new UserError(`${where}: ${what}`, {
    hint: "Write NAME=value; Lambda takes names of two or more letters, digits and underscores that begin with a letter.",
  });

/** A variable of the command line or of a file. Errors do not show its value. */
function readVariable(text: string, where: string, own: NodeJS.ProcessEnv): [string, string] {
  const at = text.indexOf("=");
  const name = at < 0 ? text : text.slice(0, at);
  if (!NAME.test(name)) throw invalid(`"${name}" is no name of a variable`, where);
  if (at >= 0) return [name, text.slice(at + 1)];
  const value = own[name];
  if (value !== undefined) return [name, value];
  throw invalid(`${name} has no value, and is not set in this shell`, where);
}

/** Lines of an env file as Docker reads them: `#` begins a comment line, and values are taken as they are. */
async function readEnvFile(path: string, own: NodeJS.ProcessEnv): Promise<[string, string][]> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw new UserError(`Cannot read the variables in ${path}: ${systemFault(cause)}`, {
      hint: "--env-file takes the path of a file with NAME=value on each line.",
      cause,
    });
  });
  return text.split(/\r?\n/).flatMap((line, index): [string, string][] => {
    const content = line.trimStart();
    return content === "" || content.startsWith("#")
      ? []
      : [readVariable(content, `${path}:${index + 1}`, own)];
  });
}

/**
 * The variables that the options give a function, as `NAME=value`: AWS's only when asked for, then those of the file, then
 * those of the command line.
 * @throws UserError (exit 2) without any value in its text
 */
export async function functionEnv(
  { env = [], envFile, passAws }: EnvArgs,
  own: NodeJS.ProcessEnv = process.env,
): Promise<string[]> {
  const aws = passAws ? AWS_VARIABLES.flatMap((name) => (own[name] ? [[name, own[name]] as const] : [])) : [];
  if (passAws && aws.length === 0) {
    throw new UserError("--pass-aws: this shell has none of the variables that are passed on", {
      hint: `Set them: ${AWS_VARIABLES.slice(0, 4).join(", ")}; for a profile: eval "$(aws configure export-credentials --format env)".`,
    });
  }
  const file = envFile ? await readEnvFile(envFile, own) : [];
  const given = env.map((text) => readVariable(text, "--env", own));
  const all = new Map<string, string>([...aws, ...file, ...given]);
  return [...all].map(([name, value]) => `${name}=${value}`);
}
