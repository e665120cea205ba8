import { devNull, homedir } from "node:os";
import { delimiter, isAbsolute, resolve, sep } from "node:path";
import { execa, execaSync, type Options } from "execa";
import { isWithin } from "../files/places.ts";

/** How a program is started so that no file of the project decides what it does. */
interface Policy {
  /** Arguments before the caller's. */
  readonly flags: readonly string[];
  /** Variables that it gets beside COMMON; others, such as HF_TOKEN, are not its business. */
  readonly variables: RegExp;
  /** Variables that it gets whatever the user's are. */
  readonly fixed?: Readonly<Record<string, string>>;
}

const COMMON =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TERM|TMPDIR|TMP|TEMP|XDG_\w+|SSL_CERT_(?:FILE|DIR)|(?:HTTPS?|NO|ALL|FTP)_PROXY)$/i;

/** What credential helpers, remote builders and contexts of Docker read: they are programs of the user's choice. */
const DOCKER =
  /^(?:DOCKER|BUILDX|BUILDKIT|CONTAINERS?|OTEL|AWS|GOOGLE|CLOUDSDK|AZURE|PIP|NPM_CONFIG)_|^(?:KUBECONFIG|SSH_AUTH_SOCK|GNUPGHOME|PASSWORD_STORE_DIR|DBUS_SESSION_BUS_ADDRESS|NO_COLOR|COLUMNS|LINES)$/i;

/** Settings of a repository by which git starts other programs, whatever its own `.git/config` says. */
const GIT_FLAGS = [
  "core.fsmonitor=false",
  `core.hooksPath=${devNull}`,
  "core.pager=cat",
  "log.showSignature=false",
  "diff.external=",
].flatMap((setting) => ["-c", setting]);

/**
 * The programs that the tool starts, each with its policy. `-I` keeps Python from importing what is in the working folder
 * or in PYTHONPATH: https://docs.python.org/3/using/cmdline.html#cmdoption-I
 */
const POLICIES = {
  docker: { flags: [], variables: DOCKER },
  git: {
    flags: GIT_FLAGS,
    variables: /^GIT_(?:CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM)|CEILING_DIRECTORIES|TEST_\w+)$/,
  },
  // macOS's program that opens a file, and that of desktops on Linux.
  open: { flags: [], variables: /^$/ },
  "xdg-open": {
    flags: [],
    variables: /^(?:DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|BROWSER|DBUS_SESSION_BUS_ADDRESS|WSL\w*)$/,
  },
  // The time that it says a process was started is compared: it must not depend on who asks.
  ps: { flags: [], variables: /^$/, fixed: { LC_ALL: "C", TZ: "UTC" } },
  python3: { flags: ["-I"], variables: /^(?:PIP_|VIRTUAL_ENV$|NETRC$)/ },
} as const satisfies Record<string, Policy>;

export type Program = keyof typeof POLICIES;

/** Variables with a path, which may be relative to the folder that the tool was started in. */
const PATHS =
  /^(?:DOCKER_CONFIG|DOCKER_CERT_PATH|BUILDX_CONFIG|SSL_CERT_(?:FILE|DIR)|PIP_(?:CERT|CONFIG_FILE))$/;

/**
 * Folders to look for programs in. `npx` puts node_modules/.bin of the project first. Where the tool is started in the
 * user's home, or above it as in `/`, what is below is not the project's alone: there only node_modules is passed over.
 */
function searchPath(path: string, project: string, home: string): string {
  const isProjects = (folder: string) =>
    isWithin(project, folder) && (!isWithin(project, home) || folder.split(sep).includes("node_modules"));
  return path
    .split(delimiter)
    .filter((folder) => isAbsolute(folder) && !isProjects(folder))
    .join(delimiter);
}

/** The variables of `env` that a program gets. Pure. */
export function environmentOf(
  program: Program,
  env: NodeJS.ProcessEnv,
  project: string,
): Record<string, string> {
  const { variables, fixed = {} }: Policy = POLICIES[program];
  const own = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (COMMON.test(entry[0]) || variables.test(entry[0])),
  );
  const absolute = own.map(([name, value]) => [name, PATHS.test(name) ? resolve(project, value) : value]);
  const { PATH = "", ...rest } = Object.fromEntries(absolute) as Record<string, string>;
  return { ...rest, ...fixed, PATH: searchPath(PATH, project, env["HOME"] ?? homedir()) };
}

/** What a program prints, started by its policy; it has to be a quick one, since nothing else happens meanwhile. */
export function askAtOnce(program: Program, args: readonly string[]): string {
  const env = environmentOf(program, process.env, process.cwd());
  return execaSync(program, [...POLICIES[program].flags, ...args], { cwd: "/", env, extendEnv: false })
    .stdout;
}

/**
 * Starts a program by its policy: with its own variables and flags, in the root folder, found outside of the project.
 * The options are execa's; `env` is added to the variables.
 */
export function start<T extends Options>(program: Program, args: readonly string[], options: T) {
  return run(program, [program, ...POLICIES[program].flags, ...args], options);
}

/** Milliseconds that a credential helper may take: it may ask the user something. */
export const HELPER_TIME = 60_000;

/**
 * Asks a credential helper that Docker's settings name, `docker-credential-<name>`, as Docker itself would.
 * https://github.com/docker/docker-credential-helpers
 */
export const askCredentialHelper = (name: string, registry: string, signal: AbortSignal) =>
  run("docker", [`docker-credential-${name}`, "get"], {
    input: registry,
    reject: false,
    cancelSignal: signal,
    timeout: HELPER_TIME,
    // Characters: it prints a name and a password or a token.
    maxBuffer: 1e6,
  } as const);

/** Starts a program of the user's choice by the policy of one of ours. */
function run<T extends Options>(policy: Program, [file = "", ...args]: readonly string[], options: T) {
  const env = { ...environmentOf(policy, process.env, process.cwd()), ...options.env };
  return execa(file, args, { cwd: "/", ...options, env, extendEnv: false });
}
