import { createHash } from "node:crypto";
import { readFile, stat, utimes, writeFile } from "node:fs/promises";
import { beforeEach, expect, test, vi } from "vitest";
import { addText, blobPath, checkBlob, rejectedPath } from "../../../../build/cache/blobs.ts";
import { measureFile } from "../../../../build/files/measure.ts";
import { temporaryFolder } from "../../../support/folder.ts";

vi.mock("../../../../build/files/measure.ts", { spy: true });

beforeEach(async () => {
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
  vi.mocked(measureFile).mockClear();
});

test("content is read when it is checked first, and not again while nobody writes to it", async () => {
  const blob = await addText("weights");
  expect(await checkBlob(blob)).toBe("good");
  expect(measureFile).toHaveBeenCalledTimes(1);
  expect(await checkBlob(blob)).toBe("good");
  expect(measureFile).toHaveBeenCalledTimes(1);
});

test("content that another one has taken the place of is damaged, also with the same size and time", async () => {
  const blob = await addText("weights");
  expect(await checkBlob(blob)).toBe("good");
  const path = blobPath(blob.sha256);
  const { atime, mtime } = await stat(path);
  await writeFile(path, "WEIGHTS");
  await utimes(path, atime, mtime);
  expect(await checkBlob(blob)).toBe("damaged");
  const actual = createHash("sha256").update("WEIGHTS").digest("hex");
  expect(await readFile(rejectedPath(actual), "utf8")).toBe("WEIGHTS");
  expect(await checkBlob(blob)).toBe("missing");
});

test("content of another size than the lock says is damaged, though it was good for another lock", async () => {
  const blob = await addText("weights");
  expect(await checkBlob(blob)).toBe("good");
  expect(await checkBlob({ ...blob, size: 8 })).toBe("damaged");
});
