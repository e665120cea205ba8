import { existsSync } from "node:fs";
import { join, relative } from "node:path";

/**
 * The `$schema` field of a project's file, for editors: the path of a schema in the installed package, from the file's folder.
 * No field in a project that has not installed the package.
 * @param schema path inside the package
 */
export function installedSchema(project: string, schema: string, folder = project): { $schema?: string } {
  const path = join(project, "node_modules/mkimage", schema);
  if (!existsSync(path)) return {};
  const from = relative(folder, path).replaceAll("\\", "/");
  return { $schema: from.startsWith(".") ? from : `./${from}` };
}
