import { createHash } from "node:crypto";
import { rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { currentLock, frozenByDefault } from "../../../../build/models/ensure-current.ts";
import { type Lock, readLock } from "../../../../build/models/lockfile.ts";
import { loadSpecs } from "../../../../build/models/specs.ts";
import { temporaryFolder, writeTree } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

test.each([
  [{ CI: "true" }, true],
  [{ CI: "1" }, true],
  [{ CI: "woodpecker" }, true],
  [{ CI: "false" }, false],
  [{ CI: "0" }, false],
  [{ CI: "" }, false],
  [{}, false],
])("with %j the lock is frozen: %s", (env, frozen) => {
  expect(frozenByDefault(env)).toBe(frozen);
});

describe("a file of this machine that was changed after it was locked", () => {
  const SPEC = {
    task: "feature-extraction",
    source: "file:w",
    files: { "model.onnx": "model.onnx", "tokenizer.json": "tokenizer.json" },
  };
  const said: string[] = [];
  const options = (project: string, frozen: boolean) => ({
    project,
    frozen,
    signal: new AbortController().signal,
    log: (line: string) => void said.push(line),
  });
  const current = async (frozen: boolean) =>
    currentLock(await loadSpecs(project, ["minilm"]), options(project, frozen));
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const lockedSha = (lock: Lock) => lock.models["minilm"]?.files["model.onnx"]?.sha256;

  let project: string;
  beforeEach(async () => {
    said.length = 0;
    vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
    project = await temporaryFolder({
      "models/minilm.json": SPEC,
      "w/model.onnx": "one",
      "w/tokenizer.json": "{}",
    });
    expect(lockedSha(await current(false))).toBe(sha256("one"));
    said.length = 0;
  });

  test("is reported, and locked again", async () => {
    await writeTree(project, { "w/model.onnx": "two" });
    expect(lockedSha(await current(false))).toBe(sha256("two"));
    expect(said[0]).toContain("minilm: model.onnx has changed in file:w");
    expect(lockedSha(await readLock(project))).toBe(sha256("two"));
  });

  test("is refused where the lock is frozen", async () => {
    await writeTree(project, { "w/model.onnx": "two" });
    const error = await refusal(() => current(true));
    expect(error).toMatchObject({ exitCode: 1, hint: expect.stringContaining("mkimage lock") });
    expect(error.message).toContain("minilm: model.onnx has changed in file:w");
    expect(lockedSha(await readLock(project))).toBe(sha256("one"));
  });

  test("with another time alone is the same file", async () => {
    await utimes(join(project, "w/model.onnx"), 1, 1);
    expect(lockedSha(await current(true))).toBe(sha256("one"));
    expect(said).toEqual([]);
  });

  test("that is gone is taken from the cache, and that is reported", async () => {
    await rm(join(project, "w/model.onnx"));
    expect(lockedSha(await current(true))).toBe(sha256("one"));
    expect(said).toEqual([expect.stringContaining("w/model.onnx is not there")]);
  });
});
