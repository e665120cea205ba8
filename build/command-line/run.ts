import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { npmSecrets, registrySecrets } from "../clients/npm.ts";
import { fileSecret } from "../clients/secret.ts";

/**
 * Secrets for the steps that fetch packages: the certificates that Node is told to trust, and the user's settings of npm
 * and pip. BuildKit mounts them for the step alone; no layer, label or history has them.
 */
export function packageSecrets(env: NodeJS.ProcessEnv = process.env): string[] {
  const npmrc = env["NPM_CONFIG_USERCONFIG"] ?? env["npm_config_userconfig"] ?? join(homedir(), ".npmrc");
  const files = {
    ca: env["NODE_EXTRA_CA_CERTS"],
    pip: env["PIP_CONFIG_FILE"] ?? pipConfigs(env).find((path) => existsSync(path)),
  };
  return [
    ...Object.entries(files).flatMap(([id, path]) =>
      path && existsSync(path) ? [fileSecret(id, path)] : [],
    ),
    ...(npmrc && existsSync(npmrc) ? npmSecrets("npmrc", npmrc) : registrySecrets(env)),
    ...(env["PIP_INDEX_URL"] ? ["id=pip-index,env=PIP_INDEX_URL"] : []),
  ];
}

/** Where pip looks for the user's settings: https://pip.pypa.io/en/stable/topics/configuration/#location */
const pipConfigs = (env: NodeJS.ProcessEnv): string[] => [
  join(env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"), "pip", "pip.conf"),
  join(homedir(), ".pip", "pip.conf"),
];
