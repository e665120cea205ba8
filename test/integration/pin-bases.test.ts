import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { pinBases } from "../../build/models/pin-bases.ts";

const run = { signal: new AbortController().signal };
const REAL = "debian:trixie-slim";
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

/** An image with the label of a stand-in, in the registry that the mirror is in; undefined where there is none. */
async function pushStandIn(): Promise<string | undefined> {
  const { stdout: registry } = await execa("cat", ["/run/mkimage/registry.address"], { reject: false });
  if (!registry) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "mkimage-stand-in-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const reference = `${registry.trim()}/mkimage-test/stand-in:${randomBytes(4).toString("hex")}`;
  await writeFile(join(folder, "file"), "");
  const input = "FROM scratch\nCOPY file /\nLABEL mkimage.stand-in=test\n";
  await execa(
    "docker",
    ["buildx", "build", "--provenance=false", "--push", "--tag", reference, "--file", "-", folder],
    { input },
  );
  return reference;
}

test("a base is pinned to what it is now", async () => {
  const said: string[] = [];
  const pinned = await pinBases([REAL], run, {
    log: (line) => said.push(line),
    old: { [REAL]: digest("1") },
  });
  expect(pinned).toEqual({ [REAL]: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
  expect(pinned[REAL]).not.toBe(digest("1"));
  expect(said).toEqual([]);
});

test("a stand-in is never pinned, and what the lock has of the real one stays", async ({ skip }) => {
  const standIn = await pushStandIn();
  if (!standIn) return skip("there is no registry of test/env/mirror");
  const said: string[] = [];
  const options = { log: (line: string) => void said.push(line), old: {} };
  expect(await pinBases([standIn], run, options)).toEqual({});
  expect(said).toEqual([`${standIn} is not pinned again: this machine's mirror has a substitute`]);
  expect(await pinBases([standIn], run, { ...options, old: { [standIn]: digest("2") } })).toEqual({
    [standIn]: digest("2"),
  });
});
