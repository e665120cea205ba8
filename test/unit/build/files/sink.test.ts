import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { expect, test } from "vitest";
import { withSink } from "../../../../build/files/sink.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const fileIn = async () => join(await temporaryFolder(), "file");

test("what is written is in the file when it ends; the flag `a` goes on with it", async () => {
  const path = await fileIn();
  for (const [flags, text] of [
    ["w", "one"],
    ["a", " two"],
  ] as const)
    await withSink(path, flags, (sink) => pipeline([Buffer.from(text)], sink));
  expect(readFileSync(path, "utf8")).toBe("one two");
});

test("a file that is removed after a failure stays away", async () => {
  for (let round = 0; round < 50; round++) {
    const path = await fileIn();
    const fails = () => {
      throw new Error("no more");
    };
    await expect(withSink(path, "w", (sink) => pipeline(fails, sink))).rejects.toThrow("no more");
    await rm(path, { force: true });
    await new Promise((done) => setImmediate(done));
    expect(existsSync(path)).toBe(false);
  }
});

test("a file that cannot be opened is told, and does not hang", async () => {
  const path = join(await fileIn(), "below", "nothing");
  await expect(withSink(path, "w", (sink) => pipeline([Buffer.from("x")], sink))).rejects.toThrow("ENOENT");
});
