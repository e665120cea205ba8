import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { expect, test } from "vitest";
import { z } from "zod";
import { documentOf, readArchive, readLayoutFolder } from "../../../../../build/smoke/rules/archive.ts";
import { temporaryFolder } from "../../../../support/folder.ts";
import { refusal } from "../../../../support/refusal.ts";

async function tarOf(files: Record<string, Buffer | string>): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
  tar.finalize();
  return buffer(tar as unknown as Readable);
}
const NAME = "a".repeat(64);

test.each([
  { what: "is cut short", damage: (tar: Buffer) => tar.subarray(0, 700) },
  { what: "is no tar", damage: () => Buffer.alloc(600, "noise") },
  { what: "ends within a header", damage: (tar: Buffer) => tar.subarray(0, 300) },
])("an archive that $what is an error of the image, not of ours", async ({ damage }) => {
  const tar = await tarOf({ "index.json": JSON.stringify({ manifests: "x".repeat(2000) }) });
  const error = await refusal(() => readArchive(Readable.from([damage(tar)])));
  expect(error).toMatchObject({ exitCode: 2, hint: expect.stringContaining("docker save") });
  expect(error.message).toMatch(/^The image archive is damaged, or no image: /);
});

test.each([
  { what: "compressed bytes end early", content: gzipSync(Buffer.alloc(100_000, "x")).subarray(0, 60) },
  {
    what: "compressed bytes are wrong",
    content: Buffer.concat([gzipSync("x").subarray(0, 12), Buffer.alloc(600)]),
  },
  { what: "tar claims more than there is", content: Buffer.alloc(0) },
])("a layer whose $what is named by its file", async ({ what, content }) => {
  const claims = (await tarOf({ file: "x".repeat(9000) })).subarray(0, 2048);
  const layer = what.startsWith("tar") ? gzipSync(claims) : content;
  const folder = await temporaryFolder({ "index.json": "{}" });
  const { mkdir, writeFile } = await import("node:fs/promises");
  await mkdir(`${folder}/blobs/sha256`, { recursive: true });
  await writeFile(`${folder}/blobs/sha256/${NAME}`, layer);
  const error = await refusal(() => readLayoutFolder(folder));
  expect(error.exitCode).toBe(2);
  expect(error.message).toMatch(new RegExp(`/blobs/sha256/${NAME} is damaged, or no image: `));
});

test("a document beyond 16 MB is not taken into memory, and told as one that is not valid", async () => {
  const tar = await tarOf({ "index.json": `{"manifests":["${"x".repeat(16e6)}"]}` });
  const contents = await readArchive(Readable.from([tar]));
  const error = await refusal(() => documentOf(contents, "index.json", z.looseObject({})));
  expect(error.message).toBe("The image archive has no valid index.json");
});
