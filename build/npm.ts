import { readFile } from "node:fs/promises";

/** What the environment calls the text of `npm-env` for the time of a build. */
const VARIABLE = "MKIMAGE_NPM_ENV";

/** A variable in npm's settings, which npm itself replaces: https://docs.npmjs.com/cli/configuring-npm/npmrc */
const REFERENCE = /(?<!\\)(?:\\\\)*\$\{([A-Za-z_]\w*)\??\}/g;

/**
 * BuildKit secrets of a step that runs npm: a settings file, and the values of the variables in it.
 * @param id `npmrc` for the user's settings, `npmrc-project` for those beside a package-lock.json
 */
export const npmSecrets = (id: "npmrc" | "npmrc-project", path: string): string[] => [
  `id=${id},src=${path}`,
  `id=npm-env,env=${VARIABLE}`,
];

/**
 * The environment that buildx needs to hand out `npm-env`: the variables that the settings files among `secrets` name, as a
 * shell reads them; those that are not set are left to npm.
 */
export async function npmEnvironment(
  secrets: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Record<string, string>> {
  const paths = secrets.flatMap((secret) => /^id=npmrc(?:-project)?,src=(.+)$/s.exec(secret)?.[1] ?? []);
  if (paths.length === 0) return {};
  const texts = await Promise.all([...new Set(paths)].map((path) => readFile(path, "utf8")));
  const names = new Set(
    texts.flatMap((text) => [...text.matchAll(REFERENCE)].map(([, name]) => name as string)),
  );
  const lines = [...names].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [`${name}='${value.replaceAll("'", `'\\''`)}'\n`];
  });
  return { [VARIABLE]: lines.join("") };
}
