import { readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { layoutBlob, readLayout } from "../../build/builder/oci.ts";
import { cacheRoot } from "../../build/cache/folders.ts";
import { ARCHES, type Arch, names, OSES } from "../../build/catalog.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { type Entry, PARTS, type Part, partDigests, readLayer } from "../support/layers.ts";
import { mkimage } from "../support/mkimage.ts";
import { commitAll, gitIn, MODEL, makeProject, type Project } from "../support/project.ts";

const CELLS = names(OSES).flatMap((os) => names(ARCHES).map((arch) => ({ os, arch, name: `${os}-${arch}` })));

let project: Project;
let layouts: string;
let revision: string;
const layoutOf = (name: string) => join(layouts, name);

beforeAll(async () => {
  project = await makeProject();
  revision = await commitAll(project, "https://user:password@git.example.com/team/project.git");
  layouts = join(project.folder, "layouts");
  const { exitCode, stdout, stderr } = await mkimage(["build", "--output", `oci=${layouts}`], {
    cwd: project.folder,
  });
  expect(exitCode, stderr).toBe(0);
  expect(stdout.split("\n").sort()).toEqual(CELLS.map(({ name }) => layoutOf(name)).sort());
});

afterAll(() => project?.remove());

test("a commit that touches nothing of an image, and another version of the project, leave its digest as it is", async () => {
  const git = gitIn(project.folder);
  await writeFile(join(project.folder, "README.md"), "nothing of an image");
  await git("add", "README.md");
  await git("commit", "--quiet", "--message", "second");
  const cell = ["--os", "alpine", "--arch", "arm64"];
  const output = ["--output", `oci=${join(project.folder, "again")}`, "--image-version", "9.9"];
  const { exitCode, stderr } = await mkimage(["build", ...cell, ...output], { cwd: project.folder });
  expect(exitCode, stderr).toBe(0);
  const digestIn = async (folder: string) =>
    JSON.parse(await readFile(join(folder, "index.json"), "utf8")).manifests[0].digest;
  expect(await digestIn(join(project.folder, "again/alpine-arm64"))).toBe(
    await digestIn(layoutOf("alpine-arm64")),
  );
});

describe("what images share", () => {
  const digestsOf = async (part: Part, arch?: Arch) => {
    const cells = CELLS.filter((cell) => !arch || cell.arch === arch);
    const found = await Promise.all(cells.map(async ({ name }) => (await partDigests(layoutOf(name)))[part]));
    return new Set(found);
  };

  test.each(PARTS)("%s is one layer in all images of an architecture", async (part) => {
    for (const arch of names(ARCHES)) expect((await digestsOf(part, arch)).size, arch).toBe(1);
  });

  test.each(["model", "runtime"] as const)("%s is one layer in all images", async (part) => {
    expect((await digestsOf(part)).size).toBe(1);
  });

  test.each(["node", "rie", "onnxruntime", "tokenizers"] as const)(
    "%s is of the image's own architecture",
    async (part) => {
      expect((await digestsOf(part)).size).toBe(names(ARCHES).length);
    },
  );
});

describe.each(CELLS)("$name", ({ os, arch, name }) => {
  test("is one manifest: no index, no attestation", async () => {
    const index = JSON.parse(await readFile(join(layoutOf(name), "index.json"), "utf8"));
    expect(index.manifests).toHaveLength(1);
    const [entry] = index.manifests;
    expect(entry.mediaType).toBe("application/vnd.oci.image.manifest.v1+json");
    const manifest = JSON.parse(await readFile(layoutBlob(layoutOf(name), entry.digest), "utf8"));
    expect(manifest.mediaType).toBe("application/vnd.oci.image.manifest.v1+json");
    expect(manifest.config.mediaType).toBe("application/vnd.oci.image.config.v1+json");
    expect(manifest.subject).toBeUndefined();
    for (const layer of manifest.layers) {
      expect(layer.mediaType).toBe("application/vnd.oci.image.layer.v1.tar+gzip");
    }
  });

  test("has layers that really are gzip", async () => {
    for (const { digest } of (await readLayout(layoutOf(name))).layers) {
      const head = (await readFile(layoutBlob(layoutOf(name), digest))).subarray(0, 3).toString("hex");
      expect(head, digest).toBe("1f8b08");
    }
  });

  test("says by its labels what it is and where it comes from", async () => {
    const { labels } = await readLayout(layoutOf(name));
    expect(labels).toMatchObject({
      "org.opencontainers.image.title": project.function,
      "org.opencontainers.image.revision": revision,
      "org.opencontainers.image.source": "https://git.example.com/team/project",
      "org.opencontainers.image.base.name": OSES[os].base,
      "org.opencontainers.image.base.digest": expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      "org.opencontainers.image.licenses": "Apache-2.0",
      "mkimage.function": project.function,
      "mkimage.model": MODEL,
      "mkimage.os": os,
      "mkimage.arch": arch,
    });
  });

  test("names no path of this machine in its config", async () => {
    const { config } = await readLayout(layoutOf(name));
    const text = await readFile(layoutBlob(layoutOf(name), config.digest), "utf8");
    for (const path of [TOOL_ROOT, project.folder, cacheRoot(), `${homedir()}/`, "password"]) {
      expect(text).not.toContain(path);
    }
  });
});

describe.each(["alpine-arm64", "amazonlinux-amd64"])("the layers above the base of %s", (name) => {
  let entries: Entry[];
  beforeAll(async () => {
    const { layers } = await readLayout(layoutOf(name));
    const parts = PARTS.length + (name.startsWith("alpine") ? 1 : 0);
    entries = (
      await Promise.all(layers.slice(-parts).map(({ digest }) => readLayer(layoutOf(name), digest)))
    ).flat();
  });

  test("can be read by Lambda's user", () => {
    for (const { name: path, type, mode = 0 } of entries) {
      if (type === "file") expect(mode & 0o444, path).toBe(0o444);
      if (type === "directory") expect(mode & 0o555, path).toBe(0o555);
      expect(mode & 0o7022, path).toBe(0);
    }
  });

  test("have no hard links, nor anything but files, folders and symbolic links", () => {
    expect(entries.length).toBeGreaterThan(10);
    for (const { name: path, type } of entries)
      expect(["file", "directory", "symlink"], path).toContain(type);
  });

  test("belong to root and have a fixed time", () => {
    for (const { name: path, uid, gid, mtime } of entries) {
      expect({ path, uid, gid, mtime: mtime?.getTime() }).toEqual({ path, uid: 0, gid: 0, mtime: 0 });
    }
  });

  test("have no path of this machine in any file", () => {
    for (const { name: path, content } of entries) {
      for (const needle of [TOOL_ROOT, project.folder, cacheRoot()]) {
        expect(content.includes(needle), `${needle} in ${path}`).toBe(false);
      }
    }
  });
});
