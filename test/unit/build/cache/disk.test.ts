import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { fileFault } from "../../../../build/cache/disk.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const failure = (code: string, errno: number, rest: object) =>
  Object.assign(new Error(`${code}: …`), { code, errno, ...rest });

test.each([
  {
    error: failure("EACCES", -13, { syscall: "open", path: "/cache/blobs/x" }),
    says: "Cannot open /cache/blobs/x: permission denied",
    hint: "MKIMAGE_CACHE",
  },
  {
    error: failure("EROFS", -30, { syscall: "mkdir", path: "/project/models" }),
    says: "Cannot mkdir /project/models: read-only file system",
    hint: "permissions.",
  },
  {
    error: failure("ENOSPC", -28, { syscall: "write" }),
    says: "Cannot write a file: no space left on device",
    hint: "Free space",
  },
])("$says", ({ error, says, hint }) => {
  vi.stubEnv("MKIMAGE_CACHE", "/cache");
  expect(fileFault(error)).toMatchObject({
    exitCode: 3,
    message: says,
    hint: expect.stringContaining(hint),
    cause: error,
  });
});

test("so is an error of the file system itself", async () => {
  const path = join(await temporaryFolder({ file: "" }), "file/below");
  const error = await readFile(path).catch((caught: unknown) => caught);
  expect(fileFault(error)).toMatchObject({ exitCode: 3, message: `Cannot open ${path}: not a directory` });
});

test.each([
  failure("ECONNREFUSED", -111, { syscall: "connect", path: "/var/run/docker.sock" }),
  failure("ENOENT", -2, { syscall: "spawn git", path: "git" }),
  new TypeError("x is not a function"),
  "a text",
])("another error comes back as it is: %s", (error) => {
  expect(fileFault(error)).toBe(error);
});
