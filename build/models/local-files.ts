import { join, resolve } from "node:path";
import type { LockedModel } from "../../models/spec.ts";
import { noteOrigin, recallOrigin } from "../cache/origins.ts";
import { measureFile } from "../files/measure.ts";
import type { FetchOptions } from "./sources/fetch.ts";
import { surveyFolder } from "./sources/file.ts";
import { parseSource, SOURCES } from "./sources/index.ts";

/**
 * Locked files of this machine whose content is another one by now: path → the difference. A file is read only when its
 * time, size or place on the disk is new. One that is gone is no difference while the cache has it; that is reported.
 */
export async function changedLocally(
  { files }: LockedModel,
  { project, log, signal, allowOutside }: FetchOptions,
): Promise<Record<string, string>> {
  const changed: Record<string, string> = {};
  for (const [name, { source, path, sha256 }] of Object.entries(files)) {
    const { kind, address } = parseSource(source);
    if (kind !== SOURCES.file) continue;
    const place = join(resolve(project, address), path);
    const { files: found } = await surveyFolder({ address, paths: [path], project, signal, allowOutside });
    const version = found[path]?.version;
    if (version === undefined) {
      log(`${place} is not there; its locked content is taken from the cache`);
      continue;
    }
    const origin = { source, path, version };
    const known = await recallOrigin(origin);
    const now = known ?? (await measureFile(place));
    if (!known) await noteOrigin(origin, now);
    if (now.sha256 !== sha256)
      changed[name] = `has changed in ${source}: sha256 was ${sha256}, is ${now.sha256}`;
  }
  return changed;
}
