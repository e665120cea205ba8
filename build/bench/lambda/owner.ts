import { createHash } from "node:crypto";
import { identify } from "../../processes/process-id.ts";

/** Tags of a function that is made for measuring: its run, the process that measures, and when it is over at the latest. */
export const TAGS = {
  run: "mkimage:bench",
  owner: "mkimage:bench-owner",
  until: "mkimage:bench-until",
} as const;

const short = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** A process in the characters of a tag: its pid, and hashes of its start and its machine. */
export function ownerTag(pid = process.pid): string | undefined {
  const id = identify(pid);
  return id && `${pid}:${short(id.started)}:${short(id.where)}`;
}

/** Whether the process of a tag runs; undefined where this machine cannot know. */
export function isOwnerRunning(tag: string): boolean | undefined {
  const [pid, , where] = tag.split(":");
  const [, , here] = ownerTag()?.split(":") ?? [];
  if (!pid || where !== here) return undefined;
  return ownerTag(Number(pid)) === tag;
}
