import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { compareVersions } from "../../../../../build/smoke/abi/abi.ts";
import { isElf, readElf } from "../../../../../build/smoke/abi/elf.ts";
import { tinyElf } from "./tiny-elf.ts";

const PROGRAM = {
  machine: 183,
  versions: { "libc.so.6": ["GLIBC_2.17", "GLIBC_2.34"], "libstdc++.so.6": ["GLIBCXX_3.4.29"] },
};

test("the machine, the libraries and the versions asked of them are read", () => {
  expect(readElf(tinyElf(PROGRAM))).toEqual({
    machine: 183,
    needed: ["libc.so.6", "libstdc++.so.6"],
    versions: ["GLIBC_2.17", "GLIBC_2.34", "GLIBCXX_3.4.29"],
    defined: [],
    interpreter: undefined,
  });
});

test("a version that is asked of several libraries is told once", () => {
  const elf = tinyElf({ versions: { "libc.so.6": ["GLIBC_2.34"], "libm.so.6": ["GLIBC_2.34"] } });
  expect(readElf(elf)?.versions).toEqual(["GLIBC_2.34"]);
});

test("a static program asks for nothing", () => {
  expect(readElf(tinyElf())).toMatchObject({ machine: 62, needed: [], versions: [] });
});

describe("not to be read", () => {
  test.each([
    { what: "an empty file", file: Buffer.alloc(0) },
    { what: "a script", file: Buffer.from(`#!/bin/sh\n${"echo\n".repeat(50)}`) },
    { what: "the magic number alone", file: Buffer.from("\x7fELF", "latin1") },
    { what: "a 32-bit file", file: Buffer.from(tinyElf(PROGRAM)).fill(1, 4, 5) },
    { what: "a big-endian file", file: Buffer.from(tinyElf(PROGRAM)).fill(2, 5, 6) },
  ])("$what", ({ file }) => {
    expect(readElf(file)).toBeUndefined();
  });

  test("a file that is cut short anywhere", () => {
    const elf = tinyElf(PROGRAM);
    // The last 16 bytes, alignment and entry size of the last section, are not asked for.
    const cuts = Array.from({ length: elf.length - 16 }, (_, length) => readElf(elf.subarray(0, length)));
    expect(cuts.filter((facts) => facts !== undefined)).toEqual([]);
  });

  test("a file whose sections point to a section that is not there", () => {
    const elf = tinyElf(PROGRAM);
    const sections = Number(elf.readBigUInt64LE(0x28));
    elf.writeUInt32LE(99, sections + 3 * 64 + 0x28);
    expect(readElf(elf)).toBeUndefined();
  });

  test("a list of libraries that never ends", () => {
    const elf = tinyElf({ versions: { "libc.so.6": ["GLIBC_2.34"] } });
    const sections = Number(elf.readBigUInt64LE(0x28));
    elf.writeUInt32LE(0xffffffff, sections + 3 * 64 + 0x2c);
    expect(readElf(elf)?.versions).toEqual(["GLIBC_2.34"]);
  });
});

test("the head of a file says whether it is ELF", () => {
  expect(isElf(tinyElf())).toBe(true);
  expect(isElf(Buffer.alloc(100))).toBe(false);
  expect(isElf(tinyElf().subarray(0, 20))).toBe(false);
});

test.each([
  ["2.34", "2.4", 1],
  ["2.4", "2.34", -1],
  ["3.4.29", "3.4.29", 0],
  ["3.4.29", "3.4", 1],
  ["3.4", "3.4.1", -1],
  ["10", "9.9", 1],
])("%s against %s gives %i", (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});

test("the official Node binary asks for nothing newer than what Amazon Linux 2 had", async () => {
  const facts = readElf(await readFile(process.execPath));
  const glibc =
    facts?.versions.filter((name) => /^GLIBC_[\d.]+$/.test(name)).map((name) => name.slice(6)) ?? [];
  expect(facts?.machine).toBe(process.arch === "arm64" ? 183 : 62);
  expect(facts?.needed).toContain("libc.so.6");
  expect(glibc.length).toBeGreaterThan(3);
  expect(compareVersions(glibc.sort(compareVersions).at(-1) ?? "99", "2.28")).toBeLessThanOrEqual(0);
});
