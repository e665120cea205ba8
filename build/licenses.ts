/**
 * Writes dist/THIRD-PARTY-LICENSES.txt: name, version and licence of every package that the compiled tool contains, as their
 * licences ask for. `npm run build` runs it on esbuild's metafile and removes that.
 */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TOOL_ROOT } from "./tool-root.ts";

const METAFILE = join(TOOL_ROOT, "dist/meta.json");
const LICENSES = join(TOOL_ROOT, "dist/THIRD-PARTY-LICENSES.txt");

interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, unknown>> }>>;
}

/** The folders of packages that files of a bundle come from. */
function packagesOf({ outputs }: Metafile): string[] {
  const paths = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const folders = paths.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []);
  return [...new Set(folders)].sort();
}

/** What a package's text says of its licence; a package without one is at fault. */
async function licenseOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(
    await readFile(join(TOOL_ROOT, folder, "package.json"), "utf8"),
  );
  const file = (await readdir(join(TOOL_ROOT, folder))).find((each) => /^licen[cs]e(?:[.-]|$)/i.test(each));
  if (!file && !license) throw new Error(`${name} ${version} has no licence`);
  const text = file ? (await readFile(join(TOOL_ROOT, folder, file), "utf8")).trim() : "";
  return `${name} ${version} (${license ?? "see below"})\n\n${text}`.trim();
}

const metafile = JSON.parse(await readFile(METAFILE, "utf8")) as Metafile;
const texts = await Promise.all(packagesOf(metafile).map(licenseOf));
await writeFile(LICENSES, `${texts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`);
await rm(METAFILE);
