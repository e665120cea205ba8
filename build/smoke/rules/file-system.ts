import { posix } from "node:path";
import type { LayerEntry } from "./layer.ts";

/** A file of the image's file system, with the index of its layer. */
export interface FileEntry extends LayerEntry {
  readonly layer: number;
}

/** Paths of an image's file system with what is there. */
export type FileSystem = ReadonlyMap<string, FileEntry>;

/** How a layer says that something of those below is gone: https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts */
const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";

function removeBelow(files: Map<string, FileEntry>, folder: string, layer: number): void {
  for (const [path, entry] of files)
    if (path.startsWith(folder === "/" ? "/" : `${folder}/`) && entry.layer < layer) files.delete(path);
}

/** What a hard link has in common with the file that it is another name of. */
function linked(entry: LayerEntry, layer: number, files: Map<string, FileEntry>): FileEntry {
  const target = entry.type === "link" ? files.get(entry.target ?? "") : undefined;
  return target ? { ...target, path: entry.path, layer } : { ...entry, layer };
}

/** The file system that layers, the lowest first, make together. */
export function flatten(layers: readonly (readonly LayerEntry[])[]): FileSystem {
  const files = new Map<string, FileEntry>();
  for (const [layer, entries] of layers.entries()) {
    for (const entry of entries) {
      const [folder, name] = [posix.dirname(entry.path), posix.basename(entry.path)];
      if (name === OPAQUE) removeBelow(files, folder, layer);
      else if (name.startsWith(WHITEOUT)) {
        const gone = posix.join(folder, name.slice(WHITEOUT.length));
        files.delete(gone);
        removeBelow(files, gone, layer);
      } else {
        // A folder that becomes something else takes with it what was in it.
        if (entry.type !== "directory" && files.get(entry.path)?.type === "directory")
          removeBelow(files, entry.path, layer);
        files.set(entry.path, linked(entry, layer, files));
      }
    }
  }
  return files;
}

/** As many symbolic links as Linux follows in one path. */
const MAX_LINKS = 40;

/** Where a path leads, symbolic links of it and of its folders followed; undefined where that is nothing. */
export function resolve(files: FileSystem, path: string, links = 0): FileEntry | undefined {
  if (links > MAX_LINKS) return undefined;
  const names = posix.normalize(path).split("/").filter(Boolean);
  let at = "";
  for (const [index, name] of names.entries()) {
    at = `${at}/${name}`;
    const entry = files.get(at);
    if (entry?.type === "symlink") {
      const next = posix.resolve(posix.dirname(at), entry.target ?? "", ...names.slice(index + 1));
      return resolve(files, next, links + 1);
    }
  }
  return files.get(at || "/");
}

/** User and group that Lambda runs functions as; neither has an entry in the image's passwd. */
const LAMBDA_UID = 993;
const LAMBDA_GID = 990;

/** Whether Lambda's user has these rights (of 4 read, 2 write, 1 execute) to a file. */
export function may({ mode, uid, gid }: LayerEntry, rights: number): boolean {
  const shift = uid === LAMBDA_UID ? 6 : gid === LAMBDA_GID ? 3 : 0;
  return ((mode >> shift) & rights) === rights;
}

/** The nearest folder above a path that Lambda's user may not enter; undefined when it may enter all of them. */
export function closedFolder(files: FileSystem, path: string): string | undefined {
  const folder = posix.dirname(path);
  if (folder === path) return undefined;
  const above = closedFolder(files, folder);
  if (above) return above;
  const entry = files.get(folder);
  return entry?.type === "directory" && !may(entry, 1) ? folder : undefined;
}
