import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fetchFiles, SOURCES, surveySource } from "../../../../../build/models/sources/index.ts";
import { temporaryFolder } from "../../../../support/folder.ts";
import { refusal } from "../../../../support/refusal.ts";

async function request(paths: string[] = ["a.txt"]) {
  const project = await temporaryFolder({ "weights/a.txt": "a", "weights/deep/b.txt": "b" });
  const scratch = await temporaryFolder();
  return { project, scratch, paths, signal: new AbortController().signal };
}

describe("file:", () => {
  test("is a folder relative to the project, and nothing is copied", async () => {
    const asked = await request(["a.txt", "deep/b.txt"]);
    expect(await fetchFiles("file:weights", asked)).toEqual({
      "a.txt": join(asked.project, "weights", "a.txt"),
      "deep/b.txt": join(asked.project, "weights", "deep", "b.txt"),
    });
  });

  test("may be an absolute folder", async () => {
    const asked = await request();
    const folder = join(asked.project, "weights");
    expect(await fetchFiles(`file:${folder}`, asked)).toEqual({ "a.txt": join(folder, "a.txt") });
  });

  describe("outside of the project", () => {
    /** A project with links, and the names by which one and the same file beside it is asked for. */
    async function withLinks() {
      const outer = await temporaryFolder({ "secret/a.txt": "a", "project/weights/b.txt": "b" });
      const project = join(outer, "project");
      await symlink("../../secret/a.txt", join(project, "weights/a.txt"));
      await symlink("../secret", join(project, "folder"));
      await symlink("project", join(outer, "link"));
      const named = ["file:../secret", `file:${join(outer, "secret")}`, "file:weights", "file:folder"];
      const scratch = await temporaryFolder();
      return { outer, named, asked: { project, scratch, paths: ["a.txt"], signal: AbortSignal.any([]) } };
    }

    test("it is refused with its place, by whatever name, and so it is looked at", async () => {
      const { outer, named, asked } = await withLinks();
      for (const source of named) {
        for (const get of [fetchFiles, surveySource]) {
          expect(await refusal(() => get(source, asked)), source).toMatchObject({
            exitCode: 2,
            message: `a.txt of ${source} is outside of the project: ${join(outer, "secret/a.txt")}`,
            hint: expect.stringContaining("--allow-outside"),
          });
        }
      }
    });

    test("it is taken where that is allowed", async () => {
      const { named, asked } = await withLinks();
      for (const source of named)
        expect(Object.keys(await fetchFiles(source, { ...asked, allowOutside: true }))).toEqual(["a.txt"]);
    });

    test("a project that is reached by a link is none the less one folder", async () => {
      const { outer, asked } = await withLinks();
      const linked = { ...asked, project: join(outer, "link"), paths: ["b.txt"] };
      expect(Object.keys(await fetchFiles("file:weights", linked))).toEqual(["b.txt"]);
      const gone = { ...linked, paths: ["gone.txt"] };
      expect((await refusal(() => fetchFiles("file:weights", gone))).message).toContain(
        "No file gone.txt in",
      );
      const whole = `file:${join(outer, "project/weights")}`;
      expect(Object.keys(await fetchFiles(whole, linked))).toEqual(["b.txt"]);
    });
  });

  test.each(["gone.txt", "deep"])("without a regular file %s is refused", async (path) => {
    const asked = await request([path]);
    expect(await refusal(() => fetchFiles("file:weights", asked))).toMatchObject({
      exitCode: 2,
      message: `No file ${path} in ${join(asked.project, "weights")}`,
    });
  });

  test("of a folder that is not there is refused", async () => {
    await mkdir(join((await request()).project, "empty"));
    expect((await refusal(async () => fetchFiles("file:gone", await request()))).exitCode).toBe(2);
  });
});

test.each(["weights", "file:", ":weights", "", "https//x"])(
  "%j is not a source, and the forms are told",
  async (source) => {
    const error = await refusal(async () => fetchFiles(source, await request()));
    expect(error).toMatchObject({ exitCode: 2, message: `Cannot read model source "${source}"` });
    for (const { form } of Object.values(SOURCES)) expect(error.hint).toContain(form);
  },
);

test("an unknown kind is refused with the nearest one", async () => {
  const error = await refusal(async () => fetchFiles("pipy:name@1.0", await request()));
  expect(error).toMatchObject({ exitCode: 2, message: 'Unknown model source "pipy"' });
  expect(error.hint).toContain('Did you mean "pypi"?');
});

test.each(["constructor:x", "toString:x"])(
  "%s of an object's prototype is an unknown kind",
  async (source) => {
    expect((await refusal(async () => fetchFiles(source.toLowerCase(), await request()))).exitCode).toBe(2);
  },
);

test.each(["name", "name@", "@1.0", "name@1.0 --index-url=x", "--pre@1"])(
  "pypi:%s is not an address",
  async (address) => {
    const error = await refusal(async () => fetchFiles(`pypi:${address}`, await request()));
    expect(error).toMatchObject({ exitCode: 2, hint: "Write it as pypi:NAME@VERSION" });
  },
);
