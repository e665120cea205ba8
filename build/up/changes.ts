import { glob, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CONFIG_FILE, type Config } from "../config/config.ts";
import type { Image } from "../plan/image.ts";
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

const isOurs = (path: string): boolean =>
  !path.includes("node_modules") && !path.endsWith("models/lock.json");

async function list(folder: string, pattern: string): Promise<string[]> {
  const found: string[] = [];
  const exclude = (path: string) => path.endsWith("node_modules");
  for await (const path of glob(pattern, { cwd: folder, exclude }))
    if (isOurs(path)) found.push(join(folder, path));
  return found;
}

/** The files of the project that a handler is bundled from. */
async function handlerFiles(images: readonly Image[]): Promise<string[]> {
  const sources = new Map(
    images.flatMap(({ handler }) => (handler ? [[handler.sources, handler.project]] : [])),
  );
  const copies = await Promise.all(
    [...sources].map(async ([copy = "", project = ""]) =>
      (await list(copy, "**/*")).map((path) => join(project, path.slice(copy.length))),
    ),
  );
  return copies.flat();
}

/** Files with the time of their last change and their size: another text when one has changed, come or gone. */
async function signature({ project, flags }: Config, images: readonly Image[]): Promise<string> {
  const lists = SOURCES.map(([folder, pattern]) => list(folder === "project" ? project : TOOL_ROOT, pattern));
  const own = resolve(flags.config ?? join(project, CONFIG_FILE));
  const paths = [own, ...(await Promise.all(lists)).flat(), ...(await handlerFiles(images))];
  const lines = paths.sort().map(async (path) => {
    const facts = await stat(path).catch(() => undefined);
    return facts?.isFile() ? `${path} ${facts.mtimeMs} ${facts.size}` : path;
  });
  return (await Promise.all(lines)).join("\n");
}

/** Notes how the sources are now. What is returned waits until they are different from that. */
export async function noteSources(
  config: Config,
  images: readonly Image[],
): Promise<(signal: AbortSignal) => Promise<void>> {
  const before = await signature(config, images);
  return async (signal) => {
    while ((await signature(config, images)) === before) await delay(INTERVAL, undefined, { signal });
  };
}
