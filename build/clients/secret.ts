import { resolve } from "node:path";
import { csvField } from "./csv.ts";

/** A file as a BuildKit secret, in the form of buildx's `--secret`. */
export const fileSecret = (id: string, path: string): string =>
  `id=${id},${csvField(`src=${resolve(path)}`)}`;

/** Id and path of a secret that is a file; undefined for another one. */
export function readFileSecret(secret: string): { id: string; path: string } | undefined {
  const [, id, quoted, plain] = /^id=([\w-]+),(?:"src=(.*)"|src=(.*))$/s.exec(secret) ?? [];
  const path = quoted?.replaceAll('""', '"') ?? plain;
  return id && path ? { id, path } : undefined;
}
