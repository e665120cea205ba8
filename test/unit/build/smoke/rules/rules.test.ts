import { describe, expect, test } from "vitest";
import { OSES } from "../../../../../build/catalog.ts";
import type { Inspection } from "../../../../../build/smoke/rules/rule.ts";
import { checkRules, RULES, requireRules, requireSize } from "../../../../../build/smoke/rules/rules.ts";
import { refusal } from "../../../../support/refusal.ts";
import { tinyElf } from "../abi/tiny-elf.ts";
import {
  GOOD,
  type Layout,
  layoutFacts,
  MANIFEST,
  OCI,
  program,
  type Saved,
  savedFacts,
} from "./saved-image.ts";

/** The rules that an image breaks, with what is said of its faults. */
async function broken(image: Inspection): Promise<Record<string, string[]>> {
  const results = (await checkRules(image)).filter(({ status }) => status === "broken");
  return Object.fromEntries(
    results.map(({ name, faults }) => [name, faults.map(({ subject, what }) => `${subject} ${what}`)]),
  );
}

const TOKEN = `ghp_${"aB3dE5gH7j".repeat(4).slice(0, 36)}`;
const KEY = `-----BEGIN PRIVATE KEY-----\n${"MIIEvQIBADANBgkqhkiG".repeat(4)}\n-----END PRIVATE KEY-----\n`;
const file = (mode: number) => ({ ...GOOD, "var/task/app.js": { mode, content: "" } });
const folder = (mode: number) => ({ ...GOOD, "var/task": { mode, type: "directory" as const } });

test("an image that keeps every rule breaks none; what an engine does not know is not known", async () => {
  expect(await broken(await savedFacts())).toEqual({});
  const results = await checkRules(await savedFacts());
  const unknown = results.filter(({ status }) => status === "unknown").map(({ name }) => name);
  expect(unknown).toEqual(["single-platform", "no-attestation", "media-types", "gzip-layers"]);
  const packed = await checkRules(await layoutFacts());
  expect(packed.filter(({ status }) => status !== "kept")).toEqual([]);
});

const attestation = {
  ...MANIFEST,
  platform: { os: "unknown", architecture: "unknown" },
  annotations: { "vnd.docker.reference.type": "attestation-manifest" },
};
const forArch = (architecture: string) => ({ ...MANIFEST, platform: { os: "linux", architecture } });

describe("a layout breaks the rule", () => {
  test.each<[string, Layout, string]>([
    [
      "single-platform",
      { index: [forArch("amd64"), forArch("arm64")] },
      `${OCI}.index.v1+json is an index, of linux/amd64, linux/arm64`,
    ],
    ["no-attestation", { index: [forArch("amd64"), attestation] }, `${OCI}.index.v1+json has 1 attestations`],
    [
      "media-types",
      { configType: "application/vnd.cncf.helm.config.v1+json" },
      "application/vnd.cncf.helm.config.v1+json is no media type of an image's config",
    ],
    ["gzip-layers", { layerType: `${OCI}.layer.v1.tar` }, `layer 1 is ${OCI}.layer.v1.tar`],
    ["gzip-layers", { layerType: `${OCI}.layer.v1.tar+zstd` }, `layer 1 is ${OCI}.layer.v1.tar+zstd`],
  ])("%s", async (rule, layout, what) => {
    expect((await broken(await layoutFacts(layout)))[rule]).toEqual([what]);
  });
});

test("a layout of attestations alone is refused: it has no image", async () => {
  const error = await refusal(() => layoutFacts({ index: [attestation] }));
  expect(error).toMatchObject({
    exitCode: 2,
    message: "The image archive has attestations only, and no image",
  });
});

describe("an image breaks the rule", () => {
  test.each<[string, string, Saved, string]>([
    ["readable", "a file of mode 0600", { layers: [file(0o600)] }, "/var/task/app.js has mode 0600"],
    [
      "readable",
      "a folder of mode 0700",
      { layers: [{ ...GOOD, "opt/a": { mode: 0o700, type: "directory" as const } }] },
      "/opt/a is a folder with mode 0700",
    ],
    ["world-writable", "a file of mode 0666", { layers: [file(0o666)] }, "/var/task/app.js has mode 0666"],
    ["world-writable", "a folder of mode 0777", { layers: [folder(0o777)] }, "/var/task has mode 0777"],
    [
      "hard-links",
      "a link to another layer",
      { layers: [GOOD, { "opt/b": { type: "link", linkname: "entry" } }] },
      "/opt/b is a hard link to /entry in layer 2, which is not before it in the same layer",
    ],
    [
      "no-secrets",
      "a token in a file",
      { layers: [{ ...GOOD, "app/.env": `A=1\nT=${TOKEN}\n` }] },
      "/app/.env has a GitHub Token in line 2, in layer 1",
    ],
    [
      "no-secrets",
      "a key that a later layer removes",
      { layers: [{ ...GOOD, "root/key": KEY }, { "root/.wh.key": "" }] },
      "/root/key has a private key in line 1, in layer 1",
    ],
    [
      "no-secrets",
      "a token in the environment",
      { settings: { Env: [`GH=${TOKEN}`] } },
      "ENV GH has a GitHub Token",
    ],
    [
      "no-secrets",
      "a token in the history",
      { config: { history: [{ created_by: "FROM" }, { created_by: `RUN curl ${TOKEN}` }] } },
      "history, step 2 has a GitHub Token",
    ],
    [
      "platform",
      "another system",
      { config: { os: "windows" } },
      "windows/amd64 is no platform of Lambda: linux/arm64 and linux/amd64 are",
    ],
    [
      "entry-point",
      "no program",
      { settings: { Entrypoint: null } },
      "ENTRYPOINT neither it nor CMD names a program",
    ],
    [
      "entry-point",
      "a program that is not there",
      { settings: { Entrypoint: ["/none"] } },
      "the entry point /none is not in the image",
    ],
    [
      "entry-point",
      "a program without mode x",
      { layers: [{ ...GOOD, entry: tinyElf() }] },
      "the entry point /entry is not executable for Lambda's user (mode 0644)",
    ],
    [
      "entry-point",
      "a program of the other architecture",
      { layers: [{ ...GOOD, entry: program(183) }] },
      "the entry point /entry is a program for arm64, and the image is for amd64",
    ],
    [
      "entry-point",
      "a text without #!",
      { layers: [{ ...GOOD, entry: { mode: 0o755, content: "exec app\n" } }] },
      "the entry point /entry is neither a 64-bit ELF program nor a script with #!",
    ],
    [
      "entry-point",
      "a script whose interpreter is not there",
      { layers: [{ ...GOOD, entry: { mode: 0o755, content: "#!/bin/sh -e\n" } }] },
      "the interpreter of /entry, /bin/sh is not in the image",
    ],
    [
      "entry-point",
      "a script whose interpreter is not in PATH",
      {
        layers: [
          { ...GOOD, "usr/bin/env": program(), entry: { mode: 0o755, content: "#!/usr/bin/env node\n" } },
        ],
      },
      "the interpreter of /entry, node is not in the image",
    ],
    [
      "entry-point",
      "a script that may not be read",
      { layers: [{ ...GOOD, "bin/sh": program(), entry: { mode: 0o711, content: "#!/bin/sh\n" } }] },
      "the entry point /entry is a script that Lambda's user may not read (mode 0711)",
    ],
    [
      "entry-point",
      "a folder on its way that is closed",
      {
        layers: [{ app: { type: "directory", mode: 0o700 }, "app/run": program() }],
        settings: { Entrypoint: ["/app/run"], WorkingDir: "" },
      },
      "the entry point /app/run is in /app, which Lambda's user may not enter",
    ],
    [
      "working-folder",
      "a folder that is not there",
      { settings: { WorkingDir: "/app" } },
      "WORKDIR /app is not in the image, and the root is read-only",
    ],
    [
      "working-folder",
      "a relative path",
      { settings: { WorkingDir: "app" } },
      "WORKDIR app is not an absolute path",
    ],
    [
      "command-form",
      "the shell form",
      { layers: [{ ...GOOD, "bin/sh": program() }], settings: { Entrypoint: ["/bin/sh", "-c", "exec x"] } },
      "ENTRYPOINT is in the shell form: signals reach the shell, not the program",
    ],
    [
      "command-form",
      "a name in place of a path",
      { layers: [{ ...GOOD, "bin/run": program() }], settings: { Entrypoint: ["run"] } },
      "run is not an absolute path",
    ],
    ["user", "a USER", { settings: { User: "node" } }, "USER node is ignored by Lambda"],
    [
      "snapstart",
      "neither label nor call",
      { settings: { Labels: {} } },
      "LABEL com.amazonaws.lambda.feature.snapstart is not Allow, and no file calls restore/next",
    ],
  ])("%s: %s", async (rule, _, saved, what) => {
    expect(await broken(await savedFacts(saved))).toEqual({ [rule]: [what] });
  });

  test("size: more than 10 GiB", async () => {
    const facts = await savedFacts();
    expect(Object.keys(await broken({ ...facts, unpacked: 10 * 1024 ** 3 }))).toEqual([]);
    expect(Object.keys(await broken({ ...facts, unpacked: 10 * 1024 ** 3 + 1 }))).toEqual(["size"]);
    expect((await refusal(async () => requireSize("r:t", 11 * 1024 ** 3))).message).toContain("11.00 GiB");
  });

  test("symbol-versions: newer than the system's, or than what the image's own libraries define", async () => {
    const elf = (...versions: string[]) => ({
      mode: 0o755,
      content: tinyElf({ versions: { "libc.so.6": versions } }),
    });
    const facts = await savedFacts({ layers: [{ ...GOOD, "opt/new": elf("GLIBC_2.35") }] });
    expect(await broken({ ...facts, abi: OSES.debian.abi })).toEqual({});
    expect(await broken({ ...facts, abi: OSES.amazonlinux.abi })).toEqual({
      "symbol-versions": ["/opt/new needs GLIBC_2.35; newest is GLIBC_2.34"],
    });
    // Without a C library in the image nobody knows.
    expect(await broken(facts)).toEqual({});
  });

  test("platform: another architecture than the one that is wanted", async () => {
    const what = "linux/amd64 is not the platform of this image, linux/arm64";
    expect((await broken({ ...(await savedFacts()), arch: "arm64" }))["platform"]).toEqual([what]);
  });

  test("hard-links: any in a layer of mkimage, while a base may have them", async () => {
    const linked = { ...GOOD, "bin/b": { type: "link" as const, linkname: "entry" } };
    const facts = await savedFacts({ layers: [linked] });
    expect(await broken({ ...facts, ownFrom: 1 })).toEqual({});
    expect(await broken({ ...facts, ownFrom: 0 })).toEqual({
      "hard-links": ["/bin/b is a hard link to /entry in layer 1"],
    });
  });

  test("readable: any file in a layer of mkimage, while a base may have others", async () => {
    const facts = await savedFacts({ layers: [{ ...GOOD, "etc/shadow": { mode: 0o600, content: "x" } }] });
    expect(await broken({ ...facts, ownFrom: 1 })).toEqual({});
    expect(await broken({ ...facts, ownFrom: 0 })).toEqual({ readable: ["/etc/shadow has mode 0600"] });
  });
});

describe("an image keeps the rules", () => {
  test.each<[string, Saved]>([
    [
      "whose entry point is found in PATH, over symbolic links",
      {
        layers: [{ ...GOOD, "usr/bin/app": program(), bin: { type: "symlink", linkname: "usr/bin" } }],
        settings: { Entrypoint: ["/bin/app"] },
      },
    ],
    ["whose folder was closed in a lower layer", { layers: [folder(0o700), GOOD] }],
    [
      "whose writable file a later layer removes",
      { layers: [{ ...GOOD, "opt/w": { mode: 0o666, content: "" } }, { "opt/.wh.w": "" }] },
    ],
    [
      "with a sticky folder for everyone",
      { layers: [{ ...GOOD, "var/tmp": { type: "directory", mode: 0o1777 } }] },
    ],
    ["with a key of documentation", { layers: [{ ...GOOD, "doc/aws": "AKIAIOSFODNN7EXAMPLE" }] }],
    [
      "which calls restore/next",
      {
        layers: [{ ...GOOD, "var/task/app.js": "get('/2018-06-01/runtime/restore/next')" }],
        settings: { Labels: {} },
      },
    ],
  ])("%s", async (_, saved) => {
    expect(await broken(await savedFacts(saved))).toEqual({});
  });
});

test("no-secrets: a file or folder that the project names is passed over, and no other", async () => {
  const facts = await savedFacts({ layers: [{ ...GOOD, "app/a/key": KEY, "app/ab": KEY }] });
  const faults = (await broken({ ...facts, notSecret: ["/app/a"] }))["no-secrets"];
  expect(faults).toEqual(["/app/ab has a private key in line 1, in layer 1"]);
  expect(await broken({ ...facts, notSecret: ["/app/a", "/app/ab"] })).toEqual({});
});

test("a refusal names each rule, its files and the cure; advice refuses nothing", async () => {
  const settings = { User: "node", Entrypoint: ["/none"] };
  const results = await checkRules(await savedFacts({ layers: [file(0o600)], settings }));
  const { message, hint, exitCode } = await refusal(async () =>
    requireRules(results, "shop/embed:debian-amd64"),
  );
  expect(message.split("\n")).toEqual([
    "shop/embed:debian-amd64 breaks 2 rules",
    "readable: Lambda's user (993:990) may read every file of the function",
    "  /var/task/app.js has mode 0600",
    "entry-point: The entry point exists, is executable, and of the image's architecture",
    "  the entry point /none is not in the image",
  ]);
  expect(hint).toContain("chmod -R a+rX");
  expect(exitCode).toBe(1);
  const advised = await checkRules(await savedFacts({ settings: { User: "node" } }));
  expect(() => requireRules(advised, "r")).not.toThrow();
});

test("every rule has a name of its own, and a source", () => {
  expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
  for (const { source } of RULES) expect(source).toMatch(/^https:\/\//);
});
