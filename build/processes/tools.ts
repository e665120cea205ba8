import { statfs } from "node:fs/promises";
import { type Program, start } from "./programs.ts";

/** What a program printed on stdout, or undefined when it is missing or fails. */
export async function ask(program: Program, ...args: string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await start(program, args, {
    reject: false,
    timeout: 20_000,
    stdin: "ignore",
  });
  return exitCode === 0 ? stdout : undefined;
}

/** Bytes that are free for this user on the file system of a path. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
