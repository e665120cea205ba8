import { readFile, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseJson } from "../files/json.ts";

/**
 * The name that a project's images carry: that of its package.json, which every clone has, else the folder's. Never a path,
 * so that images are equal wherever they are built.
 */
export async function projectName(project: string): Promise<string> {
  const path = join(project, "package.json");
  const text = await readFile(path, "utf8").catch(() => "{}");
  const { name } = (parseJson(text, path) ?? {}) as { name?: unknown };
  return typeof name === "string" && name !== "" ? name : basename(await realpath(project));
}
