import { resolve } from "node:path";

/** A file as a BuildKit secret, in the form of buildx's `--secret`: fields of CSV (RFC 4180). */
export function fileSecret(id: string, path: string): string {
  const source = `src=${resolve(path)}`;
  return `id=${id},${/[",\n]/.test(source) ? `"${source.replaceAll('"', '""')}"` : source}`;
}

/** Id and path of a secret that is a file; undefined for another one. */
export function readFileSecret(secret: string): { id: string; path: string } | undefined {
  const [, id, quoted, plain] = /^id=([\w-]+),(?:"src=(.*)"|src=(.*))$/s.exec(secret) ?? [];
  const path = quoted?.replaceAll('""', '"') ?? plain;
  return id && path ? { id, path } : undefined;
}
