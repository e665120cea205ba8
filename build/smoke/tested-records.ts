import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot } from "../cache/layout.ts";
import type { Tested } from "./smoke.ts";

/** Where the fact that an image passed is kept: named by the digest, so it can never speak of another image. */
const recordPath = (digest: string) => join(cacheRoot(), "tested", digest.replace(":", "-"));

/** Notes that images passed the smoke test. */
export async function recordTested(tested: readonly Tested[]): Promise<void> {
  await mkdir(join(cacheRoot(), "tested"), { recursive: true });
  for (const { id, reference } of tested) await writeFile(recordPath(id), `${reference}\n`);
}

/** Whether an image with one of these digests (config or manifest) passed the smoke test on this machine. */
export async function wasTested(digests: readonly string[]): Promise<boolean> {
  const found = await Promise.all(
    digests.map((digest) => readFile(recordPath(digest)).catch(() => undefined)),
  );
  return found.some(Boolean);
}
