import { z } from "zod";
import { UserError } from "../errors.ts";
import { askCredentialHelper, HELPER_TIME } from "../processes/programs.ts";
import {
  DOCKER_HUB,
  type DockerSettings,
  parseSettings,
  type RegistryLogin,
  readSettings,
} from "./registry-auth.ts";

/** The names that Docker Hub has as a registry. */
const HUB_HOSTS = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

/** The host of a name under which Docker files a login: `https://registry.example.com/v1/` and `registry.example.com`. */
const hostOf = (name: string): string => name.replace(/^https?:\/\//, "").split("/")[0] ?? "";

/** The name under which Docker files the login of a registry. */
const serverOf = (host: string): string => (HUB_HOSTS.has(host) ? DOCKER_HUB : host);

/** A helper that cannot be asked, as an error (exit 3). */
const helperFault = (helper: string, said: string) =>
  new UserError(`Docker's credential helper docker-credential-${helper} does not work: ${said}`, {
    hint: "Install the helper, or remove it (`credsStore`, `credHelpers`) from ~/.docker/config.json and log in again: docker login REGISTRY.",
    reason: "environment",
  });

const givenSchema = z.object({ Username: z.string().optional(), Secret: z.string().optional() });

/** What a helper gives. An error tells nothing of it: it may be a secret. */
function given(helper: string, stdout: string): z.output<typeof givenSchema> {
  try {
    return givenSchema.parse(JSON.parse(stdout));
  } catch {
    throw helperFault(helper, "what it prints is not the JSON of a login");
  }
}

/** https://github.com/docker/docker-credential-helpers#development */
async function ask(helper: string, server: string, signal: AbortSignal): Promise<RegistryLogin | undefined> {
  if (!/^[\w.-]+$/.test(helper)) throw helperFault(helper, "its name is none of a program");
  const { exitCode, stdout, stderr, code, timedOut, isMaxBuffer } = await askCredentialHelper(
    helper,
    server,
    signal,
  );
  signal.throwIfAborted();
  if (code === "ENOENT") throw helperFault(helper, "it is not installed");
  if (code === "EACCES") throw helperFault(helper, "it may not be executed");
  if (timedOut) throw helperFault(helper, `it gives no answer within ${HELPER_TIME / 1000} s`);
  if (isMaxBuffer) throw helperFault(helper, "what it prints is not the JSON of a login");
  // A helper without a login says so on stdout, in these words.
  if (/credentials not found|no credentials/i.test(stdout + stderr)) return undefined;
  if (exitCode !== 0)
    throw helperFault(helper, (stdout || stderr).slice(0, 500) || "it ended without a word");
  const { Username, Secret } = given(helper, stdout);
  if (!Secret) return undefined;
  if (Username === "<token>") return { from: "docker", refresh: Secret };
  return { from: "docker", basic: Buffer.from(`${Username}:${Secret}`).toString("base64") };
}

/** The login that settings hold themselves. Pure. */
function storedLogin(settings: DockerSettings, host: string): RegistryLogin | undefined {
  const server = serverOf(host);
  const auths = settings.auths ?? {};
  const stored =
    auths[server] ?? Object.entries(auths).find(([name]) => hostOf(name) === hostOf(server))?.[1];
  if (stored?.identitytoken) return { from: "docker", refresh: stored.identitytoken };
  return stored?.auth ? { from: "docker", basic: stored.auth } : undefined;
}

/**
 * The login that Docker has for a registry, found as Docker does: in DOCKER_AUTH_CONFIG, by the helper of the registry or of
 * all, in config.json. Undefined where there is none.
 * @throws UserError (exit 3) for a helper that does not work
 */
export async function dockerLogin(host: string, signal: AbortSignal): Promise<RegistryLogin | undefined> {
  const variable = process.env["DOCKER_AUTH_CONFIG"];
  const own = variable && storedLogin(parseSettings(variable, "DOCKER_AUTH_CONFIG"), host);
  if (own) return own;
  const settings = await readSettings();
  const server = serverOf(host);
  const helper = settings.credHelpers?.[server] ?? settings.credsStore;
  return helper ? ask(helper, server, signal) : storedLogin(settings, host);
}
