import { glob, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CONFIG_FILE, type Config, loadConfig } from "../config/config.ts";
import { HANDLER_FILES } from "../config/user-handler.ts";
import { TOOL_ROOT } from "../tool-root.ts";

/** Milliseconds between two looks. Asking for the times of some hundred files takes a few of them, on any file system. */
const INTERVAL = 500;

/** What an image is made of beside its model's files: a project's specs and texts, and the program of this copy of mkimage. */
const SOURCES: readonly [folder: "project" | "tool", pattern: string][] = [
  ["project", "models/*.json"],
  ["project", "models/texts/*"],
  ["tool", "runtime/**/*.{ts,mjs,json}"],
  ["tool", "images/**/*"],
  ["tool", "models/**/*.ts"],
];

/** What handlers may import, and npm's files: also those that none imports so far, since a build may fail for one of them. */
const HANDLER_SOURCES = "**/{*.{js,mjs,cjs,jsx,ts,mts,cts,tsx,json,txt},.npmrc}";

const isExcluded = (path: string): boolean => {
  const name = basename(path);
  return name === "node_modules" || (name.startsWith(".") && name.length > 1 && name !== ".npmrc");
};

const isLock = (path: string): boolean => path.endsWith("models/lock.json");

async function list(folder: string, pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const path of glob(pattern, { cwd: folder, exclude: isExcluded }))
    if (!isLock(path)) found.push(join(folder, path));
  return found;
}

/** Files with the time of their last change and their size: another text when one has changed, come or gone. */
async function signature({ project, flags, functions }: Config): Promise<string> {
  const lists = SOURCES.map(([folder, pattern]) => list(folder === "project" ? project : TOOL_ROOT, pattern));
  if (functions.some(({ handler }) => handler)) lists.push(list(project, HANDLER_SOURCES));
  const own = resolve(flags.config ?? join(project, CONFIG_FILE));
  const handlers = HANDLER_FILES.map((file) => join(project, file));
  const paths = new Set([own, ...handlers, ...(await Promise.all(lists)).flat()]);
  const lines = [...paths].sort().map(async (path) => {
    const facts = await stat(path).catch(() => undefined);
    return facts?.isFile() ? `${path} ${facts.mtimeMs} ${facts.size}` : path;
  });
  return (await Promise.all(lines)).join("\n");
}

/**
 * Notes how the sources are now. What is returned waits until they are different from what was noted last, and notes them
 * again: called before a build, no change during that build is missed.
 */
export async function watchSources(first: Config): Promise<(signal: AbortSignal) => Promise<void>> {
  let config = first;
  let noted = await signature(config);
  return async (signal) => {
    for (;;) {
      // One that is not valid is told by the build.
      config = await loadConfig(config.flags).catch(() => config);
      const now = await signature(config);
      if (now !== noted) {
        noted = now;
        return;
      }
      await delay(INTERVAL, undefined, { signal });
    }
  };
}
