import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { CONFIG_FILE, loadConfig } from "../../../../build/config/config.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { configOf, MINIMAL } from "../../../support/plan-facts.ts";
import { refusal } from "../../../support/refusal.ts";

const TWO = { functions: { embed: { model: "minilm" }, search: { model: "bge-small.en", memory: 3008 } } };

describe("defaults ← mkimage.json ← flags", () => {
  test("a file that only names a function gets every default", async () => {
    expect(await configOf()).toEqual({
      project: expect.stringContaining("mkimage-test-"),
      name: "shop",
      functions: [
        {
          name: "embed",
          models: ["minilm"],
          memory: 1769,
          deploy: { alias: "live", timeout: 60 },
          repository: "shop/embed",
        },
      ],
      os: ["amazonlinux", "debian", "ubuntu", "alpine"],
      arch: ["arm64", "amd64"],
      quantization: ["fp32"],
      version: undefined,
      bases: {},
      rie: true,
      flags: expect.any(Object),
    });
  });

  test("`<project>` and `<function>` are replaced wherever a repository has them", async () => {
    const { functions } = await configOf({ ...TWO, repository: "team/<function>/of-<project>" });
    expect(functions.map(({ repository }) => repository)).toEqual([
      "team/embed/of-shop",
      "team/search/of-shop",
    ]);
  });

  test("the file's fields replace the defaults", async () => {
    const file = {
      $schema: "docs/mkimage.schema.json",
      ...TWO,
      os: ["alpine"],
      arch: ["amd64"],
      repository: "team/models/<function>-images",
      version: "1.4.0",
      bases: { alpine: "alpine:3.22", node: "node:22" },
      rie: false,
    };
    expect(await configOf(file)).toMatchObject({
      functions: [
        { name: "embed", memory: 1769, repository: "team/models/embed-images" },
        { name: "search", memory: 3008, repository: "team/models/search-images" },
      ],
      os: ["alpine"],
      arch: ["amd64"],
      version: "1.4.0",
      bases: { alpine: "alpine:3.22", node: "node:22" },
      rie: false,
    });
  });

  test("flags replace the file's fields, and lists as a whole", async () => {
    const file = {
      ...TWO,
      os: ["alpine"],
      arch: ["amd64"],
      repository: "a/<function>",
      version: "1",
      rie: false,
    };
    const flags = {
      function: "search",
      os: ["ubuntu", "debian"],
      arch: ["arm64"],
      quantization: ["fp32"],
      model: "minilm",
      repository: "b/<function>",
      imageVersion: "2",
      rie: true,
    };
    expect(await configOf(file, flags)).toMatchObject({
      functions: [{ name: "search", models: ["minilm"], memory: 3008, repository: "b/search" }],
      os: ["ubuntu", "debian"],
      arch: ["arm64"],
      version: "2",
      rie: true,
    });
  });

  test("a base of a flag replaces that one base of the file", async () => {
    const config = await configOf(
      { ...MINIMAL, bases: { alpine: "alpine:3.22", node: "node:22" } },
      { base: ["alpine=alpine:3.21", "glibc=debian:bookworm-slim"] },
    );
    expect(config.bases).toEqual({ alpine: "alpine:3.21", node: "node:22", glibc: "debian:bookworm-slim" });
  });

  test("a name that is given twice counts once, in a flag and in the file", async () => {
    expect((await configOf(MINIMAL, { os: ["debian", "alpine", "debian"] })).os).toEqual([
      "debian",
      "alpine",
    ]);
    expect((await configOf({ ...MINIMAL, arch: ["arm64", "arm64"] })).arch).toEqual(["arm64"]);
  });

  test("an empty flag leaves the file's list", async () => {
    expect((await configOf({ ...MINIMAL, os: ["alpine"] }, { os: [] })).os).toEqual(["alpine"]);
  });

  test("--model serves another model in every chosen function", async () => {
    const { functions } = await configOf(TWO, { model: "other" });
    expect(functions.map(({ models }) => models)).toEqual([["other"], ["other"]]);
  });

  test("the record is frozen", async () => {
    expect(Object.isFrozen(await configOf())).toBe(true);
  });

  test("without --config the file is looked for in the working directory, which is the project", async () => {
    const folder = await temporaryFolder({ [CONFIG_FILE]: MINIMAL });
    vi.spyOn(process, "cwd").mockReturnValue(folder);
    expect((await loadConfig({})).project).toBe(folder);
  });

  test("the project is the folder of the file that --config names", async () => {
    const folder = await temporaryFolder({ "deep/images.json": MINIMAL });
    expect((await loadConfig({ config: join(folder, "deep", "images.json") })).project).toBe(
      join(folder, "deep"),
    );
  });
});

describe("bad input ends with exit code 2", () => {
  test("a file that is not there is named, with the command that writes one", async () => {
    const folder = await temporaryFolder();
    const error = await refusal(() => loadConfig({ config: join(folder, "mkimage.json") }));
    expect(error.exitCode).toBe(2);
    expect(error.message).toBe(`No mkimage.json at ${join(folder, "mkimage.json")}`);
    expect(error.hint).toContain("`mkimage init hf:OWNER/NAME`");
  });

  test("a folder in place of the file is named with the system's reason", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "mkimage.json"));
    const error = await refusal(() => loadConfig({ config: join(folder, "mkimage.json") }));
    expect(error).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining("illegal operation on a directory"),
    });
  });

  test("broken JSON is named with the file and the place in it", async () => {
    const error = await refusal(() => configOf('{ "functions": { "embed": { "model": "minilm" } }'));
    expect(error.exitCode).toBe(2);
    expect(error.message).toMatch(/mkimage\.json is not JSON: .* at line 1, column \d+/);
  });

  test.each<{ says: string; file: unknown }>([
    { says: "functions: missing: expected an object", file: {} },
    { says: "functions: expected at least one function", file: { functions: {} } },
    { says: "functions.Embed: expected a lower-case name", file: { functions: { Embed: { model: "a" } } } },
    { says: "functions.a b: expected a lower-case name", file: { functions: { "a b": { model: "a" } } } },
    {
      says: "functions.a.b: expected a name that Lambda takes",
      file: { functions: { "a.b": { model: "a" } } },
    },
    {
      says: `functions.${"a".repeat(65)}: expected a name that Lambda takes: at most 64 characters`,
      file: { functions: { ["a".repeat(65)]: { model: "a" } } },
    },
    {
      says: "functions.constructor: expected a lower-case name such as all-minilm-l6-v2 (`constructor` is reserved)",
      file: JSON.parse('{ "functions": { "constructor": { "model": "a" } } }'),
    },
    { says: "functions.embed: expected either `model` or `models`", file: { functions: { embed: {} } } },
    {
      says: "functions.embed: expected either `model` or `models`",
      file: { functions: { embed: { model: "a", models: ["b"] } } },
    },
    {
      says: "functions.embed.models: expected each model once",
      file: { functions: { embed: { models: ["a", "a"] } } },
    },
    { says: "functions.embed.models: must not be empty", file: { functions: { embed: { models: [] } } } },
    {
      says: "functions.embed.model: expected a lower-case name",
      file: { functions: { embed: { model: "../x" } } },
    },
    {
      says: "functions.embed.memory: must be from 128 to 10240, not 64",
      file: { functions: { embed: { model: "a", memory: 64 } } },
    },
    {
      says: "functions.embed.memory: must be from 128 to 10240, not 10241",
      file: { functions: { embed: { model: "a", memory: 10241 } } },
    },
    {
      says: "functions.embed.memory: expected a whole number, not 512.5",
      file: { functions: { embed: { model: "a", memory: 512.5 } } },
    },
    {
      says: 'functions.embed: unknown field "modle" (did you mean "model"?)',
      file: { functions: { embed: { model: "a", modle: "a" } } },
    },
    ...["pictures", "s3://b/in", "s3://pictures/a,s3://other", "S3://pictures", "s3://*"].map((place) => ({
      says: "functions.embed.allow.s3.0: expected s3://BUCKET or s3://BUCKET/PREFIX, without a comma",
      file: { functions: { embed: { model: "a", allow: { s3: [place] } } } },
    })),
    { says: 'unknown field "repo" (did you mean "repository"?)', file: { ...MINIMAL, repo: "x" } },
    {
      says: 'os.1: "arch" is not one of amazonlinux, debian',
      file: { ...MINIMAL, os: ["alpine", "arch"] },
    },
    { says: "os: must not be empty", file: { ...MINIMAL, os: [] } },
    { says: 'os: expected a list, not "alpine"', file: { ...MINIMAL, os: "alpine" } },
    {
      says: 'arch.0: "x86_64" is not one of arm64, amd64',
      file: { ...MINIMAL, arch: ["x86_64"] },
    },
    { says: 'quantization.0: "int3" is not one of ', file: { ...MINIMAL, quantization: ["int3"] } },
    { says: "repository: expected lower-case path segments", file: { ...MINIMAL, repository: "Team/embed" } },
    { says: "repository: expected lower-case path segments", file: { ...MINIMAL, repository: "a/" } },
    { says: "version: expected letters, digits, dots, dashes", file: { ...MINIMAL, version: "1/2" } },
    {
      says: "bases.alpine: expected an image reference",
      file: { ...MINIMAL, bases: { alpine: "alpine 3" } },
    },
    {
      says: "bases.alpine: expected an image reference",
      file: { ...MINIMAL, bases: { alpine: "alpine@latest" } },
    },
    { says: 'bases: unknown field "centos"', file: { ...MINIMAL, bases: { centos: "centos:9" } } },
    { says: 'rie: expected true or false, not "no"', file: { ...MINIMAL, rie: "no" } },
    { says: "(top level): expected an object, not a list", file: [] },
  ])("$says", async ({ file, says }) => {
    const error = await refusal(() => configOf(file));
    expect(error.exitCode).toBe(2);
    expect(error.message).toMatch(/mkimage\.json is not valid\n/);
    expect(error.message).toContain(`\n  ${says.startsWith("unknown") ? "(top level): " : ""}${says}`);
    expect(error.hint).toContain("docs/configuration.md");
  });

  test.each([
    { flags: { os: ["alpin"] }, message: 'Unknown operating system "alpin"', near: "alpine" },
    { flags: { os: ["alpine", "debain"] }, message: 'Unknown operating system "debain"', near: "debian" },
    { flags: { arch: ["amr64"] }, message: 'Unknown architecture "amr64"', near: "arm64" },
    { flags: { quantization: ["fp23"] }, message: 'Unknown quantization "fp23"', near: "fp32" },
    { flags: { function: "ebmed" }, message: 'Unknown function "ebmed"', near: "embed" },
    { flags: { base: ["alpin=alpine:3.23"] }, message: 'Unknown base "alpin"', near: "alpine" },
  ])("$message: did you mean $near?", async ({ flags, message, near }) => {
    const error = await refusal(() => configOf(MINIMAL, flags));
    expect(error).toMatchObject({ exitCode: 2, message });
    expect(error.hint).toMatch(new RegExp(`^Did you mean "${near}"\\? Known: .*${near}`));
  });

  test.each([
    { flags: { base: ["alpine"] }, says: 'Cannot read --base "alpine"' },
    { flags: { base: ["=alpine:3.23"] }, says: 'Cannot read --base "=alpine:3.23"' },
    { flags: { base: ["alpine="] }, says: 'Cannot read --base "alpine="' },
    {
      flags: { base: ["alpine=not a reference"] },
      says: '--base alpine: "not a reference" is not an image reference',
    },
    {
      flags: { base: ["alpine=alpine@sha256:12"] },
      says: '--base alpine: "alpine@sha256:12" is not an image reference',
    },
    {
      flags: { repository: "UPPER" },
      says: '--repository: "UPPER" is not valid: expected lower-case path segments',
    },
    {
      flags: { repository: "user:secret@ghcr.io/team" },
      says: '--repository: "…@ghcr.io/team" is not valid: expected lower-case path segments',
    },
    { flags: { imageVersion: "-1" }, says: '--image-version: "-1" is not valid: expected letters, digits' },
  ])("$says", async ({ flags, says }) => {
    const error = await refusal(() => configOf(MINIMAL, flags));
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain(says);
  });

  test("one repository cannot hold the images of two functions, unless one of them is chosen", async () => {
    const file = { ...TWO, repository: "models" };
    const error = await refusal(() => configOf(file));
    expect(error).toMatchObject({
      exitCode: 2,
      message: 'Repository "models" cannot hold the images of 2 functions',
      hint: "Choose one with --function, or write the repository as models/<function>",
    });
    expect((await configOf(file, { function: "search" })).functions).toMatchObject([
      { repository: "models" },
    ]);
    expect((await configOf(file, { repository: "models/<function>" })).functions).toHaveLength(2);
  });

  test("a long repository name that is not valid is refused at once", async () => {
    const start = performance.now();
    await refusal(() => configOf(MINIMAL, { repository: `${"a-".repeat(5_000)}A` }));
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

test.each([
  "alpine=alpine:3.23",
  "alpine=alpine",
  "debian=mirror.example:5000/library/debian:trixie-slim",
  `ubuntu=ubuntu:24.04@sha256:${"0".repeat(64)}`,
  `node=node@sha256:${"a".repeat(64)}`,
])("--base %s is taken", async (pair) => {
  const at = pair.indexOf("=");
  expect((await configOf(MINIMAL, { base: [pair] })).bases).toEqual({
    [pair.slice(0, at)]: pair.slice(at + 1),
  });
});

test.each([
  "embed",
  "team/embed",
  "a.b/c_d/e__f/g--h",
  "<function>",
  "x-<function>",
  "team/<function>/images",
])("repository %s is taken", async (repository) => {
  const { functions } = await configOf(MINIMAL, { repository });
  expect(functions[0]?.repository).toBe(repository.replace("<function>", "embed"));
});

test("the repository's own mkimage.json is valid", async () => {
  expect(
    (await loadConfig({ config: resolve(import.meta.dirname, "../../../../mkimage.json") })).functions,
  ).not.toEqual([]);
});
