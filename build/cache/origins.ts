import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { cacheRoot } from "./layout.ts";

/** Where something was fetched from: source, path and what the source calls this content. */
export interface Origin {
  readonly source: string;
  readonly path: string;
  readonly version: string;
}

const facts = z.object({ size: z.int(), sha256: z.string() });

function place({ source, path, version }: Origin): string {
  const id = createHash("sha256")
    .update(JSON.stringify([source, path, version]))
    .digest("hex");
  return join(cacheRoot(), "origins", id);
}

/** Size and sha256 of a content that was fetched before, so that it need not be fetched again to know them. */
export async function recallOrigin(origin: Origin): Promise<z.output<typeof facts> | undefined> {
  const text = await readFile(place(origin), "utf8").catch(() => undefined);
  try {
    return text === undefined ? undefined : facts.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export async function noteOrigin(origin: Origin, { size, sha256 }: z.output<typeof facts>): Promise<void> {
  const path = place(origin);
  await mkdir(join(cacheRoot(), "origins"), { recursive: true });
  const aside = `${path}.${randomUUID()}`;
  await writeFile(aside, JSON.stringify({ size, sha256 }));
  await rename(aside, path);
}
