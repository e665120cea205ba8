import { readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { parse as parseJsonc } from "jsonc-parser";
import { foldersOf } from "../config/user-handler.ts";
import { isWithin } from "../files/places.ts";

/** Packages of a package-lock.json that are not fetched from a registry, by paths in the project. */
export interface LocalPackages {
  /** Name → folder of those that npm links. */
  readonly folders: ReadonlyMap<string, string>;
  /** Files that npm reads of all of them: package.json of a folder, and archives. */
  readonly files: readonly string[];
}

interface LockEntry {
  readonly link?: boolean;
  readonly resolved?: string;
}

async function readEntries(path: string): Promise<[string, LockEntry][]> {
  try {
    return Object.entries((JSON.parse(await readFile(path, "utf8")) as { packages: object }).packages);
  } catch {
    // npm reports what is wrong with it.
    return [];
  }
}

/**
 * Workspaces, folders and archives that a lock names.
 * Its format: https://docs.npmjs.com/cli/configuring-npm/package-lock-json
 * @param packages folder with the lock, as a path in the project
 */
export async function localPackages(project: string, packages: string): Promise<LocalPackages> {
  const entries = await readEntries(join(project, packages, "package-lock.json"));
  const inProject = (path: string) => normalize(join(packages, path));
  const links = entries.filter(([, { link, resolved }]) => link && resolved !== undefined);
  const folders = links.map(([key, { resolved = "" }]) => [nameOf(key), inProject(resolved)] as const);
  const archives = entries.flatMap(([, { link, resolved = "" }]) =>
    !link && resolved.startsWith("file:") ? [inProject(resolved.slice("file:".length))] : [],
  );
  const manifests = folders.map(([, folder]) => join(folder, "package.json"));
  return { folders: new Map(folders), files: [...new Set([...manifests, ...archives])] };
}

const nameOf = (key: string): string => key.slice(key.lastIndexOf("node_modules/") + "node_modules/".length);

/** What a compiler's settings extend, where that is a file and no package. The settings may have comments. */
async function extendedBy(path: string): Promise<string[]> {
  const settings = parseJsonc(await readFile(path, "utf8").catch(() => "")) as
    | { extends?: unknown }
    | undefined;
  return [settings?.extends]
    .flat()
    .filter((each): each is string => typeof each === "string" && each.startsWith("."))
    .map((each) => join(dirname(path), each.endsWith(".json") ? each : `${each}.json`));
}

/** Files by which esbuild and npm take the sources in a folder. */
const SETTINGS = ["package.json", "tsconfig.json", "jsconfig.json"];

/** The project's settings that count for files: those in their folders and all folders above, and what these extend. */
export async function settingsOf(project: string, files: readonly string[]): Promise<string[]> {
  const folders = new Set(files.flatMap((file) => foldersOf(file)));
  const found = new Set<string>();
  async function add(path: string): Promise<void> {
    if (found.has(path) || !isWithin(project, path)) return;
    found.add(path);
    for (const base of await extendedBy(path)) await add(base);
  }
  for (const folder of folders) for (const name of SETTINGS) await add(join(project, folder, name));
  return [...found];
}
