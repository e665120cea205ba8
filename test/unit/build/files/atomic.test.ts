import { lstat, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { expect, test } from "vitest";
import { checkWritable, withAside, writeAtomic, writeAtomicSync } from "../../../../build/files/atomic.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

const SOURCE = pathToFileURL(join(import.meta.dirname, "../../../../build/files/atomic.ts")).href;

test.each([
  ["writeAtomic", writeAtomic],
  ["writeAtomicSync", writeAtomicSync],
])("%s creates the folder, replaces what was there and leaves nothing else", async (_, write) => {
  const folder = await temporaryFolder();
  const path = join(folder, "deep/er/file");
  for (const content of ["one", "two"]) {
    await write(path, content);
    expect(await readFile(path, "utf8")).toBe(content);
  }
  expect(await readdir(join(folder, "deep/er"))).toEqual(["file"]);
});

test.each([
  ["writeAtomic", writeAtomic],
  ["writeAtomicSync", writeAtomicSync],
])("%s that cannot replace what is there leaves it, and nothing else", async (_, write) => {
  const folder = await temporaryFolder({ "file/inside": "kept" });
  await expect(async () => write(join(folder, "file"), "new")).rejects.toThrow("EISDIR");
  expect(await readdir(folder)).toEqual(["file"]);
  expect(await readFile(join(folder, "file/inside"), "utf8")).toBe("kept");
});

test("a place that can be written is left as it was; a folder, or one below a file, is refused", async () => {
  const folder = await temporaryFolder({ file: "old", "sub/inside": "kept" });
  await checkWritable(join(folder, "file"));
  await checkWritable(join(folder, "new"));
  const error = await refusal(() => checkWritable(join(folder, "sub")));
  expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining("sub is a folder") });
  await expect(checkWritable(join(folder, "file/below"))).rejects.toThrow("EEXIST");
  expect((await readdir(folder)).sort()).toEqual(["file", "sub"]);
  expect(await readFile(join(folder, "file"), "utf8")).toBe("old");
});

test("an action that fails leaves the old file", async () => {
  const folder = await temporaryFolder({ file: "old" });
  const failing = withAside(join(folder, "file"), async (aside) => {
    await writeFile(aside, "half");
    throw new Error("in between");
  });
  await expect(failing).rejects.toThrow("in between");
  expect(await readdir(folder)).toEqual(["file"]);
  expect(await readFile(join(folder, "file"), "utf8")).toBe("old");
});

test("what the action has renamed stays, with the action's result", async () => {
  const folder = await temporaryFolder();
  const moved = withAside(join(folder, "file"), async (aside) => {
    await writeFile(aside, "whole");
    await rename(aside, join(folder, "other"));
    return 1;
  });
  expect(await moved).toBe(1);
  expect(await readdir(folder)).toEqual(["other"]);
});

test("a reader never sees a part while several processes write", async () => {
  const folder = await temporaryFolder({ file: "a".repeat(1_000_000) });
  const path = join(folder, "file");
  const script = (letter: string) => `
    import { writeAtomic } from ${JSON.stringify(SOURCE)};
    for (let round = 0; round < 50; round++)
      await writeAtomic(${JSON.stringify(path)}, ${JSON.stringify(letter)}.repeat(1_000_000));`;
  const writers = ["b", "c"].map((letter) =>
    execa(process.execPath, ["--input-type=module", "--eval", script(letter)]),
  );
  let done = false;
  const all = Promise.all(writers).finally(() => {
    done = true;
  });
  while (!done) expect(await readFile(path, "utf8")).toMatch(/^(?:a{1000000}|b{1000000}|c{1000000})$/);
  await all;
  expect(await readdir(folder)).toEqual(["file"]);
});

test("a device or pipe is written to, and not replaced by a file", async () => {
  const folder = await temporaryFolder();
  await symlink("/dev/null", join(folder, "null"));
  await checkWritable(join(folder, "null"));
  await writeAtomic(join(folder, "null"), "text");
  expect((await lstat(join(folder, "null"))).isSymbolicLink()).toBe(true);
  const pipe = join(folder, "pipe");
  await execa("sh", ["-c", 'mkfifo "$0"', pipe]);
  const [, { stdout }] = await Promise.all([writeAtomic(pipe, "text"), execa("cat", [pipe])]);
  expect(stdout).toBe("text");
  expect((await lstat(pipe)).isFIFO()).toBe(true);
  const program = `import { writeAtomic } from ${JSON.stringify(SOURCE)}; await writeAtomic("/dev/stdout", "text");`;
  const { stdout: shown } = await execa("sh", [
    "-c",
    '"$0" --input-type=module --eval "$1" | cat',
    process.execPath,
    program,
  ]);
  expect(shown).toBe("text");
  expect((await lstat("/dev/stdout")).isSymbolicLink()).toBe(true);
});
