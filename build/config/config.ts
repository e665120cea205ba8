import { dirname, resolve } from "node:path";
import { ARCHES, names, OSES, PART_BASES, QUANTIZATIONS } from "../catalog.ts";
import { UserError } from "../errors.ts";
import { readProjectJson } from "../files/json.ts";
import { oneOf } from "../known-names.ts";
import { type ConfigFile, configSchema, imageReference, REPOSITORY, TAG_PART } from "./config-file.ts";
import type { Deployment } from "./deployment.ts";
import { projectName, repositoryPath } from "./project-name.ts";
import { findHandler, type UserHandler } from "./user-handler.ts";

export const CONFIG_FILE = "mkimage.json";

/** What the command line and the environment may say about the configuration; lists replace the file's. */
export interface ConfigFlags {
  config?: string | undefined;
  function?: string | undefined;
  os?: string[] | undefined;
  arch?: string[] | undefined;
  quantization?: string[] | undefined;
  model?: string | undefined;
  repository?: string | undefined;
  imageVersion?: string | undefined;
  base?: string[] | undefined;
  rie?: boolean | undefined;
}

export interface FunctionConfig {
  readonly name: string;
  /** Names of specs in models/; the first one is the default. */
  readonly models: readonly [string, ...string[]];
  /** MB. */
  readonly memory: number;
  /** Repository of its images, without registry and tag. */
  readonly repository: string;
  /** What answers in place of the default. */
  readonly handler?: UserHandler;
  /** Absolute paths of the image in which keys and tokens are no secrets. */
  readonly notSecret?: readonly string[];
  /** What callers may ask for beyond answers to what they send. */
  readonly allow?: { readonly serverFacts: boolean; readonly s3: readonly string[] };
  /** What the smoke test sends to the handler. */
  readonly event?: Readonly<Record<string, unknown>>;
  /** The function in Lambda. */
  readonly deploy: Deployment;
}

/** Everything a command is told, checked and frozen. */
export interface Config extends Readonly<Omit<ConfigFile, "$schema" | "functions" | "repository">> {
  /** Folder of mkimage.json: relative paths start here. */
  readonly project: string;
  /** The project's name. */
  readonly name: string;
  /** The chosen functions: one with `--function`, otherwise all of the file. */
  readonly functions: readonly FunctionConfig[];
  /** What the command line and the environment said: a command that is to find the same has to say it again. */
  readonly flags: ConfigFlags;
}

async function readConfigFile(path: string): Promise<ConfigFile> {
  const file = await readProjectJson(configSchema, path);
  if (file) return file;
  throw new UserError(`No ${CONFIG_FILE} at ${path}`, {
    hint: "`mkimage init hf:OWNER/NAME` writes one for a model. If it is elsewhere, name it with --config PATH.",
  });
}

/** `os=reference` pairs of `--base` as a table. */
function parseBases(pairs: readonly string[]): Record<string, string> {
  const known = [...names(OSES), ...names(PART_BASES)];
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, reference] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
      if (!name || !reference) {
        throw new UserError(`Cannot read --base "${pair}"`, { hint: "Write it as alpine=alpine:3.23" });
      }
      if (!imageReference.safeParse(reference).success) {
        throw new UserError(`--base ${name}: "${reference}" is not an image reference`);
      }
      return [oneOf("base", name, known), reference];
    }),
  );
}

/** @throws UserError (exit 2) when the flag's value has not the form that the file's schema asks for. */
function checkFlag(flag: string, value: string | undefined, form: typeof TAG_PART): string | undefined {
  if (value === undefined || form.pattern.test(value)) return value;
  // What is before an @ may be a password.
  const shown = value.replace(/^[^@]*@/, "…@");
  throw new UserError(`--${flag}: "${shown}" is not valid: ${form.expected}`);
}

function chosen<T extends string>(
  kind: string,
  flag: string[] | undefined,
  of: readonly T[],
  file: T[],
): T[] {
  if (!flag || flag.length === 0) return [...new Set(file)];
  return [...new Set(flag.map((name) => oneOf(kind, name, of)))];
}

async function chooseFunctions(
  file: ConfigFile,
  flags: ConfigFlags,
  { project, name: owner }: { readonly project: string; readonly name: string },
): Promise<FunctionConfig[]> {
  const all = Object.keys(file.functions);
  const pattern = checkFlag("repository", flags.repository, REPOSITORY) ?? file.repository;
  const wanted = flags.function ? [oneOf("function", flags.function, all)] : all;
  if (wanted.length > 1 && !pattern.includes("<function>")) {
    throw new UserError(`Repository "${pattern}" cannot hold the images of ${wanted.length} functions`, {
      hint: `Choose one with --function, or write the repository as ${pattern}/<function>`,
    });
  }
  const rows = Object.entries(file.functions).filter(([name]) => wanted.includes(name));
  return Promise.all(
    rows.map(async ([name, row]) => {
      const handler = await findHandler(project, name, { named: row.handler });
      return {
        name,
        models: (flags.model ? [flags.model] : (row.models ?? [row.model])) as [string, ...string[]],
        memory: row.memory,
        repository: pattern.replaceAll("<project>", repositoryPath(owner)).replaceAll("<function>", name),
        ...(handler && { handler }),
        ...(row.notSecret && { notSecret: row.notSecret }),
        ...(row.allow && { allow: row.allow }),
        ...(row.event && { event: row.event }),
        deploy: row.deploy,
      };
    }),
  );
}

/**
 * The configuration of a command: defaults ← mkimage.json ← environment ← flags, in one record.
 * @throws UserError (exit 2) that names the file, the path in it and what was expected, or the unknown name.
 */
export async function loadConfig(flags: ConfigFlags): Promise<Config> {
  const path = resolve(flags.config ?? CONFIG_FILE);
  const file = await readConfigFile(path);
  const project = dirname(path);
  const name = await projectName(project);
  return Object.freeze({
    project,
    name,
    functions: await chooseFunctions(file, flags, { project, name }),
    os: chosen("operating system", flags.os, names(OSES), file.os),
    arch: chosen("architecture", flags.arch, names(ARCHES), file.arch),
    quantization: chosen("quantization", flags.quantization, names(QUANTIZATIONS), file.quantization),
    ...(file.registries && { registries: file.registries }),
    ...(file.ecr && { ecr: file.ecr }),
    ...(file.attestations && { attestations: file.attestations }),
    version: checkFlag("image-version", flags.imageVersion, TAG_PART) ?? file.version,
    bases: { ...file.bases, ...parseBases(flags.base ?? []) },
    rie: flags.rie ?? file.rie,
    flags,
  });
}
