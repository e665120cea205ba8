import { createReadStream } from "node:fs";
import { buffer } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { layoutBlob, readLayout } from "../../build/builder/oci.ts";

export interface Entry extends Header {
  readonly content: Buffer;
}

/** Everything in one layer of an OCI image layout; `digest` as the manifest names it. */
export async function readLayer(layout: string, digest: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  const archive = createReadStream(layoutBlob(layout, digest)).pipe(createGunzip()).pipe(extract());
  for await (const entry of archive) entries.push({ ...entry.header, content: await buffer(entry) });
  return entries;
}

/** The parts that stand on every base, the lowest first; `glibc` is below them where a system needs it. */
export const PARTS = ["node", "rie", "onnxruntime", "tokenizers", "model", "runtime"] as const;
export type Part = (typeof PARTS)[number];

/** Digests of the layers that all systems share, by what they carry. */
export async function partDigests(layout: string): Promise<Record<Part, string>> {
  const { layers } = await readLayout(layout);
  const above = layers.slice(-PARTS.length).map(({ digest }) => digest);
  return Object.fromEntries(PARTS.map((part, index) => [part, above[index]])) as Record<Part, string>;
}
