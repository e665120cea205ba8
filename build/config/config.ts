import { dirname, resolve } from "node:path";
import { z } from "zod";
import { NAME } from "../../models/spec.ts";
import {
  ARCHES,
  DEFAULT_QUANTIZATION,
  names,
  OSES,
  PART_BASES,
  PART_TITLES,
  QUANTIZATIONS,
  quantizationTitles,
} from "../catalog.ts";
import { UserError } from "../errors.ts";
import { readProjectJson } from "../files/json.ts";
import { oneOf } from "../known-names.ts";
import { attestationsSchema } from "./attestations.ts";
import { type Deployment, deploymentSchema } from "./deployment.ts";
import { ecrSchema } from "./ecr.ts";
import { projectName, repositoryPath } from "./project-name.ts";
import { findHandler, HANDLER_FILES, type UserHandler } from "./user-handler.ts";

export const CONFIG_FILE = "mkimage.json";

const imageReference = z
  .string()
  .regex(
    /^\w[\w.\-/:]*(?:@sha256:[0-9a-f]{64})?$/,
    "expected an image reference such as alpine:3.23 or name@sha256:…",
  );

/** Path part of an image reference (distribution specification: lower case, digits and separators), `<project>` and `<function>`. */
const REPOSITORY = {
  pattern: /^(?:[a-z0-9]|<project>|<function>)+(?:(?:[./]|_{1,2}|-+)(?:[a-z0-9]|<project>|<function>)+)*$/,
  expected: "expected lower-case path segments such as team/<function>",
};
/** Has the project in it, so that functions of one name in two projects do not share a repository. */
const DEFAULT_REPOSITORY = "<project>/<function>";

const TAG_PART = {
  pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}$/,
  expected: "expected letters, digits, dots, dashes",
};
const NAME_EXPECTED = "expected a lower-case name such as all-minilm-l6-v2 (`constructor` is reserved)";

/** A NAME that Lambda takes as well: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
const functionName = z
  .string()
  .regex(NAME, NAME_EXPECTED)
  .regex(/^[^.]{1,64}$/, "expected a name that Lambda takes: at most 64 characters, and no dot");

const S3_PLACE = /^s3:\/\/[\w.-]{3,63}(?:\/[^,]*)?$/;

const modelName = z.string().regex(NAME, NAME_EXPECTED);
const functionSchema = z
  .strictObject({
    model: modelName.optional().describe("Name of a spec in models/. Required without `models`."),
    models: z
      .array(modelName)
      .min(1)
      .refine((models) => new Set(models).size === models.length, "expected each model once")
      .optional()
      .describe(
        "Names of several specs in models/. A request names one as `model`; without a name the first one answers.",
      ),
    memory: z
      .int()
      .min(128)
      .max(10240)
      .default(1769)
      .describe("Memory of the function in MB, as Lambda counts it: 1769 MB is one vCPU."),
    handler: z
      .union([
        z.string().regex(/\.[cm]?[jt]sx?$/, "expected a path such as handlers/embed.ts"),
        z.literal(false, "expected a path, or false for none"),
      ])
      .optional()
      .describe(
        `Your own handler: path of a module, relative to this file; \`false\` for the built-in one. Default: ${HANDLER_FILES[0]} (or ${HANDLER_FILES.slice(1).join(", ")}) beside this file, if there is one.`,
      ),
    event: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        "Event that `mkimage test` sends to your own handler. Default: the samples of the function's models.",
      ),
    notSecret: z
      .array(z.string().regex(/^\/./, "expected an absolute path in the image"))
      .optional()
      .describe(
        "Files of the image whose keys or tokens are no secrets, such as those of a package's tests: `mkimage test` passes over what it finds in them (rule `no-secrets`). Absolute paths; a folder means all below it.",
      ),
    allow: z
      .strictObject({
        serverFacts: z
          .boolean()
          .default(false)
          .describe(
            "Whether a request with `server: true` gets facts about the machine and the time of each step.",
          ),
        s3: z
          .array(z.string().regex(S3_PLACE, "expected s3://BUCKET or s3://BUCKET/PREFIX, without a comma"))
          .default([])
          .describe(
            "Buckets and prefixes, `s3://BUCKET` or `s3://BUCKET/PREFIX`, from which requests may have images read. A prefix holds what is below it as a folder: `s3://b/in` holds `in/1.png`, and not `input.png`.",
          ),
      })
      .optional()
      .describe(
        "What callers may ask for beyond answers to what they send; default: nothing. In the image it is MKIMAGE_ALLOW_SERVER_FACTS (`true`) and MKIMAGE_ALLOW_S3 (comma-separated), which the function's environment can replace.",
      ),
    deploy: deploymentSchema
      .prefault({})
      .describe(
        "The function in AWS Lambda, for `mkimage deploy`. What is not named here stays as it is there, or is Lambda's own default.",
      ),
  })
  .refine(
    ({ model, models }) => (model === undefined) !== (models === undefined),
    "expected either `model` or `models`",
  );

/** `a, b and c`. */
const LISTED = new Intl.ListFormat("en-GB");

export const configSchema = z
  .strictObject({
    $schema: z.string().optional().describe("Path of this schema, for editors."),
    functions: z
      .record(functionName, functionSchema)
      .refine((functions) => Object.keys(functions).length > 0, "expected at least one function")
      .describe("Required. Name of a Lambda function → what it serves."),
    os: z
      .array(z.enum(names(OSES)))
      .min(1)
      .default(names(OSES))
      .describe("Operating systems of the matrix."),
    arch: z
      .array(z.enum(names(ARCHES)))
      .min(1)
      .default(names(ARCHES))
      .describe("Architectures of the matrix."),
    quantization: z
      .array(z.enum(names(QUANTIZATIONS)))
      .min(1)
      .default([DEFAULT_QUANTIZATION])
      .describe(`Number formats of the matrix: ${quantizationTitles()}.`),
    repository: z
      .string()
      .regex(REPOSITORY.pattern, REPOSITORY.expected)
      .default(DEFAULT_REPOSITORY)
      .describe(
        "Repository of the images. `<function>` stands for the function's name, `<project>` for the project's: that of package.json, or the folder's, in lower case. With a registry of ECR before it, `123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/<function>`, images are pushed to that account and region; with another one, `ghcr.io/team/<function>`, to that registry, from which Lambda takes none.",
      ),
    registries: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'Where images are pushed to, each with the same digest: regions of the credentials\' account, such as "eu-west-1", registries of ECR, such as "123456789012.dkr.ecr.eu-west-1.amazonaws.com", and others, such as "ghcr.io/my-team". Default: the region of the credentials; `--registry` replaces it.',
      ),
    ecr: ecrSchema
      .optional()
      .describe(
        "Settings of the repositories that `push` creates. One that exists keeps its own; what differs is said, and `--update-repository` changes it.",
      ),
    attestations: attestationsSchema
      .optional()
      .describe(
        "What `push` and `release` send beside an image, about it, as artifacts that refer to its digest. The image stays as it is; default: nothing.",
      ),
    version: z
      .string()
      .regex(TAG_PART.pattern, TAG_PART.expected)
      .optional()
      .describe(
        "First part of a pushed tag, `<version>-<os>-<arch>`. Default: the commit that last changed what the image is made of, or 0 outside of a git repository. When git fails to give the revision, nothing is pushed.",
      ),
    bases: z
      .partialRecord(z.enum([...names(OSES), ...names(PART_BASES)]), imageReference)
      .default({})
      .describe(
        `Other base images: one per operating system, and the images that ${LISTED.format(names(PART_BASES).map((part) => `${PART_TITLES[part]} (\`${part}\`)`))} are taken from.`,
      ),
    rie: z.boolean().default(true).describe("Whether the images carry the runtime interface emulator."),
  })
  .describe("mkimage.json: the functions of a project and the matrix of images to build for them.");

type ConfigFile = z.output<typeof configSchema>;

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
  /** What callers may ask for beyond answers to what they send. */
  readonly notSecret?: readonly string[];
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
