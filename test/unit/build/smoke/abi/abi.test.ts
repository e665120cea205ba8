import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { expect, test } from "vitest";
import { type Abi, OSES } from "../../../../../build/catalog.ts";
import { checkAbi, type ElfFile } from "../../../../../build/smoke/abi/abi.ts";
import { readLayer } from "../../../../../build/smoke/rules/layer.ts";
import { tinyElf } from "./tiny-elf.ts";

const ABI = { GLIBC: "2.34", GLIBCXX: "3.4.29", CXXABI: "1.3.13" };

/** An archive as the engine exports a container: its files in order, the first ones maybe as links or folders. */
async function archive(files: Record<string, Buffer | { linkname: string }>): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: "usr/", type: "directory" });
  for (const [name, content] of Object.entries(files)) {
    if (Buffer.isBuffer(content)) tar.entry({ name }, content);
    else tar.entry({ name, type: "symlink", linkname: content.linkname });
  }
  tar.finalize();
  return buffer(tar);
}

/** The bytes as a stream of pieces of the given size. */
function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Reads a tar, and checks its ELF files. */
async function checkTar(tar: Readable, abi: Abi) {
  const entries = await readLayer(tar);
  return checkAbi(
    entries.flatMap(({ path, elf }): ElfFile[] => (elf ? [{ path, elf }] : [])),
    abi,
  );
}

const asks = (...versions: string[]) => tinyElf({ versions: { "libc.so.6": versions } });

test("every ELF file is read, and the newest version per library is told", async () => {
  const tar = await archive({
    "usr/bin/node": asks("GLIBC_2.17", "GLIBC_2.28"),
    "usr/lib/libstdc++.so.6": tinyElf({
      versions: { "libc.so.6": ["GLIBC_2.4"], "libgcc_s.so.1": ["GCC_3.0"] },
    }),
    "var/task/onnx.node": asks("GLIBCXX_3.4.22", "CXXABI_1.3.9", "GLIBC_PRIVATE"),
    "etc/passwd": Buffer.from("root:x:0:0\n".repeat(20)),
    "etc/empty": Buffer.alloc(0),
    "usr/bin/nodejs": { linkname: "node" },
  });
  expect(await checkTar(Readable.from([tar]), ABI)).toEqual({
    files: 3,
    newest: { GLIBC: "2.28", GLIBCXX: "3.4.22", CXXABI: "1.3.9" },
    faults: [],
  });
});

test("versions that the system defines itself pass, the next newer ones do not", async () => {
  const tar = await archive({
    "bin/just": asks("GLIBC_2.34", "GLIBCXX_3.4.29", "CXXABI_1.3.13"),
    "bin/new": asks("GLIBC_2.34", "GLIBC_2.35", "GLIBCXX_3.4.30", "CXXABI_1.3.14"),
  });
  const { faults, newest } = await checkTar(Readable.from([tar]), ABI);
  expect(faults).toEqual([
    { file: "/bin/new", needs: "GLIBC_2.35", has: "GLIBC_2.34" },
    { file: "/bin/new", needs: "GLIBCXX_3.4.30", has: "GLIBCXX_3.4.29" },
    { file: "/bin/new", needs: "CXXABI_1.3.14", has: "CXXABI_1.3.13" },
  ]);
  expect(newest.GLIBC).toBe("2.35");
});

test("what Debian 13 starts, Amazon Linux 2023 may not", async () => {
  const tar = await archive({ "usr/bin/tool": asks("GLIBC_2.38") });
  expect((await checkTar(Readable.from([tar]), OSES.debian.abi)).faults).toEqual([]);
  expect((await checkTar(Readable.from([tar]), OSES.amazonlinux.abi)).faults).toHaveLength(1);
});

test.each([1, 7, 64, 65, 511, 100_000])("the result is the same in pieces of %i bytes", async (size) => {
  const tar = await archive({
    "a.txt": Buffer.alloc(200, "x"),
    "bin/new": asks("GLIBC_2.35"),
    "bin/old": asks("GLIBC_2.2.5"),
  });
  const report = await checkTar(Readable.from(pieces(tar, size)), ABI);
  expect(report).toMatchObject({ files: 2, newest: { GLIBC: "2.35" }, faults: [{ file: "/bin/new" }] });
});

test("a file that is ELF by name and head but cut short is passed over", async () => {
  const tar = await archive({
    "bin/cut": asks("GLIBC_2.99").subarray(0, 120),
    "bin/old": asks("GLIBC_2.2.5"),
  });
  expect(await checkTar(Readable.from([tar]), ABI)).toMatchObject({ files: 1, faults: [] });
});

test("an archive that is cut short is an error, not an image without faults", async () => {
  const tar = await archive({ "bin/a": asks("GLIBC_2.2.5"), "bin/new": asks("GLIBC_2.99") });
  await expect(checkTar(Readable.from([tar.subarray(0, 1300)]), ABI)).rejects.toThrow(/unexpected end/i);
});

test("an error of the engine's stream is passed on", async () => {
  const tar = await archive({ "bin/a": asks("GLIBC_2.2.5") });
  async function* broken() {
    yield tar.subarray(0, 700);
    throw new Error("connection lost");
  }
  await expect(checkTar(Readable.from(broken()), ABI)).rejects.toThrow("connection lost");
});
