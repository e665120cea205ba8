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

/** Runs of what a repository's path may have, as ECR takes it: no two separators in a row. */
const WORDS = /[a-z0-9]+(?:[._-][a-z0-9]+)*/g;

/**
 * A project's name as the first part of a repository: `@Acme/My Shop` is `acme/my-shop`. `mkimage` where the name has no letter
 * or digit of ASCII. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
 */
export function repositoryPath(name: string): string {
  const parts = name.toLowerCase().split("/");
  return parts.flatMap((part) => part.match(WORDS)?.join("-") ?? []).join("/") || "mkimage";
}
