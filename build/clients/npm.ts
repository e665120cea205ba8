import { readFile } from "node:fs/promises";
import { fileSecret, readFileSecret } from "./secret.ts";

/** What the environment calls the text of `npm-env` for the time of a build. */
const VARIABLE = "MKIMAGE_NPM_ENV";

/** A variable in npm's settings, which npm itself replaces: https://docs.npmjs.com/cli/configuring-npm/npmrc */
const REFERENCE = /(?<!\\)(?:\\\\)*\$\{([A-Za-z_]\w*)\??\}/g;

/** npm's registry by the environment, in place of a settings file. */
const REGISTRY = ["NPM_CONFIG_REGISTRY", "npm_config_registry"];

const ENVIRONMENT = `id=npm-env,env=${VARIABLE}`;

/**
 * BuildKit secrets of a step that runs npm: a settings file, and the values of the variables in it.
 * @param id `npmrc` for the user's settings, `npmrc-project` for those beside a package-lock.json
 */
export const npmSecrets = (id: "npmrc" | "npmrc-project", path: string): string[] => [
  fileSecret(id, path),
  ENVIRONMENT,
];

/** The same for a user without a settings file. */
export const registrySecrets = (env: NodeJS.ProcessEnv): string[] =>
  REGISTRY.some((name) => env[name]) ? [ENVIRONMENT] : [];

/**
 * The environment that buildx needs to hand out `npm-env`: npm's registry and the variables that the settings files among
 * `secrets` name, as a shell reads them; those that are not set are left to npm.
 */
export async function npmEnvironment(
  secrets: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Record<string, string>> {
  if (!secrets.includes(ENVIRONMENT)) return {};
  const files = secrets.flatMap((secret) => readFileSecret(secret) ?? []);
  const paths = files.filter(({ id }) => id === "npmrc" || id === "npmrc-project").map(({ path }) => path);
  const texts = await Promise.all([...new Set(paths)].map((path) => readFile(path, "utf8")));
  const named = texts.flatMap((text) => [...text.matchAll(REFERENCE)].map(([, name]) => name as string));
  const lines = [...new Set([...REGISTRY, ...named])].flatMap((name) => {
    const value = env[name];
    return value ? [`${name}='${value.replaceAll("'", `'\\''`)}'\n`] : [];
  });
  return { [VARIABLE]: lines.join("") };
}
