import { rmSync } from "node:fs";
import { readdir, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { parseJson } from "../files/json.ts";
import { readText } from "../files/limits.ts";
import { systemFault } from "../files/system-fault.ts";
import { withScratch } from "../leftovers/run-record.ts";

const SETTINGS = "config.json";
/** The name under which Docker files the credentials of Docker Hub. */
export const DOCKER_HUB = "https://index.docker.io/v1/";

/** What a registry is logged in to with. */
export interface RegistryLogin {
  /** Who has it: a login of Docker's is renewed by `docker login`. */
  readonly from: "docker" | "aws";
  /** `user:password` in base64. */
  readonly basic?: string;
  /** In place of a password: what the registry's token server takes for a token (OAuth 2). */
  readonly refresh?: string;
}

/** A login as Docker files it. */
const loginSchema = z.looseObject({
  // `user:password` in base64.
  auth: z
    .string()
    .regex(/^[\w+/=-]*$/)
    .nullish(),
  identitytoken: z.string().nullish(),
});

/** The parts of Docker's settings that say where credentials are; the rest is carried along as it is. */
const settingsSchema = z.looseObject({
  auths: z.record(z.string(), loginSchema.nullish()).nullish(),
  credsStore: z.string().nullish(),
  credHelpers: z.record(z.string(), z.string()).nullish(),
});
export type DockerSettings = z.output<typeof settingsSchema>;

/**
 * The text of Docker's settings, which is empty where there are none.
 * @throws UserError (exit 2) that names the fields at fault and shows none of them: they are secrets
 */
export function parseSettings(text: string, place: string): DockerSettings {
  const found = settingsSchema.safeParse(parseJson(text.trim() || "{}", place));
  if (found.success) return found.data;
  const fields = found.error.issues.map(({ path }) => path.join(" › ") || "the whole");
  throw new UserError(`${place} is not as Docker writes it: ${fields.join(", ")}`, {
    hint: "Remove these fields from it, and log in again: docker login REGISTRY",
  });
}

export interface RegistryAuth {
  readonly host: string;
  /** `user:password` in base64. */
  readonly token: string;
}

/**
 * The user's settings with credentials for one more registry. A store for all registries would hide them, so it becomes
 * one helper for each registry that the user has logged in to. Pure.
 */
export function withCredentials(settings: DockerSettings, { host, token }: RegistryAuth): DockerSettings {
  const { credsStore, ...rest } = settings;
  const [credHelpers, auths] = [settings.credHelpers ?? {}, settings.auths ?? {}];
  const stored = credsStore ? [DOCKER_HUB, ...Object.keys(auths)].map((name) => [name, credsStore]) : [];
  const { [host]: _, ...helpers } = { ...Object.fromEntries(stored), ...credHelpers };
  return { ...rest, credHelpers: helpers, auths: { ...auths, [host]: { auth: token } } };
}

/** The folder of the user's own settings. */
const settingsFolder = () => resolve(process.env.DOCKER_CONFIG ?? join(homedir(), ".docker"));

export async function readSettings(folder = settingsFolder()): Promise<DockerSettings> {
  const path = join(folder, SETTINGS);
  const text = await readText(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return "";
    if (cause instanceof UserError) throw cause;
    throw new UserError(`Cannot read ${path}: ${systemFault(cause)}`, { reason: "environment", cause });
  });
  return parseSettings(text, path);
}

/** Links everything else of the user's folder: contexts, plugins, certificates, the builders of buildx. */
async function linkRest(from: string, to: string): Promise<void> {
  const entries = await readdir(from).catch(() => []);
  for (const entry of entries) if (entry !== SETTINGS) await symlink(join(from, entry), join(to, entry));
}

/**
 * Calls `use` with an environment in which Docker knows the credentials of one registry and otherwise finds the user's own
 * settings. They are in a folder that only this user can read, and it is removed when `use` ends, and at once on Ctrl-C.
 * Without credentials Docker keeps to the user's own settings.
 */
export async function withRegistryAuth<T>(
  auth: RegistryAuth | undefined,
  signal: AbortSignal,
  use: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  if (!auth) return use({});
  const own = settingsFolder();
  const settings = await readSettings(own);
  signal.throwIfAborted();
  return withScratch("mkimage-docker-", async (folder) => {
    const remove = () => rmSync(folder, { recursive: true, force: true });
    signal.addEventListener("abort", remove, { once: true });
    try {
      signal.throwIfAborted();
      await linkRest(own, folder);
      await writeFile(join(folder, SETTINGS), JSON.stringify(withCredentials(settings, auth)), {
        mode: 0o600,
      });
      return await use({
        DOCKER_CONFIG: folder,
        BUILDX_CONFIG: process.env.BUILDX_CONFIG ?? join(own, "buildx"),
      });
    } finally {
      signal.removeEventListener("abort", remove);
    }
  });
}
