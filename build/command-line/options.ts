import type { Argv } from "yargs";
import { ARCHES, type Arch, names, OSES, PART_BASES, quantizationTitles } from "../catalog.ts";
import { CONFIG_FILE, type ConfigFlags } from "../config/config.ts";
import { PROGRESS, type Progress } from "../display/screen.ts";
import { EXIT, UserError } from "../errors.ts";

/** `--os a,b --os c` as one list. */
const list = (values: readonly string[] | undefined) =>
  values?.flatMap((value) => String(value).split(",")).filter(Boolean);

/** Architectures as the kernel and AWS call them. */
const ARCH_NAMES: Readonly<Record<string, Arch>> = { x86_64: "amd64", aarch64: "arm64" };

/** A list of architectures by the names that images have. */
export const archList = (values: readonly string[] | undefined) =>
  list(values)?.map((name) => ARCH_NAMES[name] ?? name);

const listOption = (description: string) =>
  ({
    array: true,
    string: true,
    requiresArg: true,
    description,
    coerce: list,
  }) as const;

const FROM_ENVIRONMENT = [
  "config",
  "function",
  "os",
  "arch",
  "quantization",
  "model",
  "repository",
  "base",
  "image-version",
] as const;

/** Options that the environment gives: `MKIMAGE_OS=alpine,debian` is `--os alpine,debian`. */
export function environmentOptions(
  env: NodeJS.ProcessEnv,
  names: readonly string[] = FROM_ENVIRONMENT,
): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = env[`MKIMAGE_${name.toUpperCase().replaceAll("-", "_")}`];
      return value ? [[name, value]] : [];
    }),
  );
}

/**
 * Adds to an error of usage the variables that it comes from: those with a value that its message quotes, unless the
 * command line has the option itself.
 */
export function nameVariables(error: unknown, argv: readonly string[], env: NodeJS.ProcessEnv): unknown {
  if (!(error instanceof UserError) || error.exitCode !== EXIT.usage) return error;
  for (const name of [...FROM_ENVIRONMENT, "alias", "role"]) {
    const variable = `MKIMAGE_${name.toUpperCase().replaceAll("-", "_")}`;
    const value = env[variable];
    const isGiven = argv.some((each) => each.split("=")[0] === `--${name}`);
    if (
      !value ||
      isGiven ||
      ![value, ...value.split(",")].some((each) => error.message.includes(`"${each}"`))
    )
      continue;
    error.addHint(`The environment sets ${variable}=${value}.`);
  }
  return error;
}

/** The lists of the matrix, and what they are when they are not given. */
export const matrixLists = <T>(yargs: Argv<T>, otherwise = "as configured") =>
  yargs
    .option("os", listOption(`Operating systems: ${names(OSES).join(", ")} [default: ${otherwise}]`))
    .option("arch", {
      ...listOption(`Architectures: ${names(ARCHES).join(", ")} [default: ${otherwise}]`),
      coerce: archList,
    })
    .option("quantization", listOption(`Number formats: ${quantizationTitles()}`));

/** Options that choose what a command works on: the same for every command. */
export function matrixOptions<T>(yargs: Argv<T>) {
  const chosen = yargs
    .config(environmentOptions(process.env))
    .option("config", {
      string: true,
      requiresArg: true,
      description: `Configuration file [default: ${CONFIG_FILE}]`,
    })
    .option("function", {
      string: true,
      requiresArg: true,
      description: "Function of the file [default: all]",
    });
  return matrixLists(chosen)
    .option("model", {
      string: true,
      requiresArg: true,
      description: "Another model of models/ for the function",
    })
    .option("repository", {
      string: true,
      requiresArg: true,
      description:
        "Repository; with the host of a registry of ECR also that one's account and region [default: <project>/<function>]",
    })
    .option(
      "base",
      listOption(
        `Other base images, as NAME=REFERENCE: ${[...names(OSES), ...names(PART_BASES)].join(", ")}`,
      ),
    )
    .option("rie", {
      boolean: true,
      description: "Put the runtime interface emulator into the image; --no-rie leaves it out",
    })
    .option("image-version", {
      string: true,
      requiresArg: true,
      description: "First part of pushed tags [default: git revision]",
    })
    .option("progress", {
      choices: PROGRESS,
      default: "auto",
      requiresArg: true,
      description:
        "What stderr shows: rows that are redrawn on a terminal (auto), a line for each, also each step, or errors alone",
    })
    .option("json", {
      boolean: true,
      default: false,
      description: "Print one JSON document on stdout",
    }) as Argv<T & MatrixArgs>;
}

/** For commands that build. */
export const frozenOption = {
  boolean: true,
  description:
    "Refuse a lock that is missing or stale; --no-frozen updates it [default: true when CI is set]",
} as const;

/** For commands that read the models' files. */
export const outsideOption = {
  boolean: true,
  default: false,
  description: "Take files of `file:` sources from outside of the project",
} as const;

export interface MatrixArgs extends ConfigFlags {
  json: boolean;
  progress: Progress;
}

/** What a command's handler gets in addition to its options. */
export interface Run {
  /** Aborted by Ctrl-C (SIGINT) and SIGTERM. */
  readonly signal: AbortSignal;
}

/** The architecture of `--arch` for a command on one image. @throws UserError (exit 2) for one that Lambda has not */
export function onlyArch({ arch }: { readonly arch?: readonly string[] | undefined }): Arch | undefined {
  const [first, ...others] = arch ?? [];
  if (first === undefined || (others.length === 0 && Object.hasOwn(ARCHES, first))) return first as Arch;
  throw new UserError(`--arch: "${arch?.join(",")}" is not one architecture`, {
    hint: `Choose one of: ${names(ARCHES).join(", ")}.`,
  });
}
