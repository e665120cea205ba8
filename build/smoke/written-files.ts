import type Docker from "dockerode";
import { z } from "zod";

/** What the engine puts into a container itself, and what is not the image's file system. */
const NOT_THE_FUNCTIONS =
  /^\/(?:\.dockerenv|etc\/(?:hosts|hostname|resolv\.conf|mtab)|(?:dev|proc|sys|tmp|run\/\.containerenv)(?:\/.*)?)$/;

/** Caches of Python, which does without them where it cannot write. */
const HARMLESS = /\/__pycache__(?:\/[^/]*)?$/;

/** Of the kinds of a change: https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerChanges */
const DELETED = 2;

const changes = z.array(z.object({ Path: z.string(), Kind: z.number() })).nullish();

/** A path and whether it is gone; folders that hold others of the list, which are only changed by them, are left out. Pure. */
export function ownPaths(all: readonly { readonly Path: string; readonly Kind: number }[]): string[] {
  const own = all.filter(({ Path }) => !NOT_THE_FUNCTIONS.test(Path) && !HARMLESS.test(Path));
  const holds = (folder: string) => all.some(({ Path }) => Path.startsWith(`${folder}/`));
  return own
    .filter(({ Path, Kind }) => Kind === DELETED || !holds(Path))
    .map(({ Path, Kind }) => (Kind === DELETED ? `${Path} (deleted)` : Path))
    .sort();
}

/** Files that a container's program has made, changed or deleted, outside of what is mounted into it. */
export async function writtenFiles(container: Docker.Container): Promise<string[]> {
  // dockerode hands the text over as it comes. Of a container without changes it is null.
  const told: unknown = await container.changes();
  return ownPaths(changes.parse(Buffer.isBuffer(told) ? JSON.parse(told.toString()) : told) ?? []);
}
