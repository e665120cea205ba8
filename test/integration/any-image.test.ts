import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { readLayout } from "../../build/builder/oci.ts";
import { packageSecrets } from "../../build/command-line/run.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { docker, dockerLines } from "../support/engine.ts";
import { buildImage } from "../support/image.ts";
import { loginRegistry } from "../support/login-registry.ts";
import { mkimage, mkimageJson } from "../support/mkimage.ts";
import { MODEL, makeProject } from "../support/project.ts";

const RUN = `any-${randomBytes(4).toString("hex")}`;
const nameOf = (name: string) => `mkimage-test/${RUN}:${name}`;
/** A folder without mkimage.json: these images are nobody's. */
let folder: string;
const inFolder = () => ({ cwd: folder });

/** Builds an image of test/fixtures/images with these options of `docker buildx build`. */
const build = async (name: string, ...options: string[]) =>
  execa("docker", [
    "buildx",
    "build",
    "--provenance=false",
    ...packageSecrets().flatMap((secret) => ["--secret", secret]),
    ...options,
    join(TOOL_ROOT, "test/fixtures/images", name),
  ]);

interface Tested {
  readonly reply: string;
  readonly arch: string;
  readonly emulated: boolean;
  readonly lifecycle?: object;
}
const testImage = async (reference: string, ...args: string[]): Promise<Tested> =>
  mkimageJson(["test", "--image", reference, "--event", "event.json", ...args], inFolder());

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mkimage-any-test-"));
  await writeFile(join(folder, "event.json"), '{"name":"world","rawPath":"/hello"}');
});
afterAll(async () => {
  const images = await dockerLines("images", "--quiet", `mkimage-test/${RUN}`);
  if (images.length > 0) await docker("rmi", "--force", ...new Set(images));
  await rm(folder, { recursive: true, force: true });
});

describe("images of others, without Node and without the emulator, answer", () => {
  test("Python, in the layout of AWS's base image", async () => {
    await build("python", "--load", "--tag", nameOf("python"));
    const { reply, emulated } = await testImage(nameOf("python"));
    expect(JSON.parse(reply)).toEqual({ hello: "world", python: expect.stringMatching(/^3\.13\./) });
    expect(emulated).toBe(false);
  });

  test("a runtime in a shell, also for the architecture that is emulated", async () => {
    const event = '{"name":"world","rawPath":"/hello"}';
    for (const arch of ["amd64", "arm64"]) {
      await build("shell", "--load", "--platform", `linux/${arch}`, "--tag", nameOf(arch));
      const tested = await testImage(nameOf(arch));
      expect(tested.reply).toBe(`{"shell":"bash","event":${event}}`);
      expect(tested.arch).toBe(arch);
    }
  });

  test("a web server behind an adapter", async () => {
    await build("web", "--load", "--tag", nameOf("web"));
    const { reply } = await testImage(nameOf("web"));
    const { statusCode, body } = JSON.parse(reply);
    expect({ statusCode, body: JSON.parse(body) }).toEqual({
      statusCode: 200,
      body: { method: "GET", url: "/hello" },
    });
  });
});

test("--thorough also tells what others' functions do without the emulator", async () => {
  const args = ["test", "--image", nameOf("amd64"), "--event", "event.json", "--thorough"];
  const { exitCode, stdout, stderr } = await mkimage([...args, "--json"], inFolder());
  expect(exitCode, stderr).toBe(0);
  // A shell takes one event at a time, and knows nothing of snapshots.
  expect(JSON.parse(stdout).lifecycle).toEqual({
    stopMs: expect.any(Number),
    atOnce: 1,
    restore: { by: "nothing", connections: [], random: [] },
    written: [],
  });
  const { reply, lifecycle } = await mkimageJson<Tested>(
    ["test", "--image", nameOf("python"), "--event", "event.json", "--thorough"],
    inFolder(),
  );
  expect(JSON.parse(reply)).toMatchObject({ hello: "world" });
  expect(lifecycle).toMatchObject({ atOnce: expect.any(Number), written: [] });
});

describe("an image is found", () => {
  test("as a folder and as a tar with an OCI layout, whose packing is checked; the engine keeps neither", async () => {
    const images = () => dockerLines("images", "--all", "--quiet", "--no-trunc");
    const before = await images();
    await build("shell", "--output", `type=oci,tar=false,dest=${join(folder, "layout")}`);
    await build("shell", "--output", `type=oci,dest=${join(folder, "layout.tar")}`);
    for (const path of ["layout", "layout.tar"]) {
      expect((await testImage(path)).reply).toContain('"shell":"bash"');
      const [{ rules }] = await mkimageJson<[{ rules: { name: string; status: string }[] }]>(
        ["inspect", "--rules", "--image", path],
        inFolder(),
      );
      expect(rules.filter(({ status }) => status !== "kept").map(({ name }) => name)).toEqual(["snapstart"]);
    }
    // A store names an image by its manifest's digest or by its config's.
    const { manifest, config } = await readLayout(join(folder, "layout"));
    const ids = new Set([manifest.digest, config.digest]).difference(new Set(before));
    expect((await images()).filter((id) => ids.has(id))).toEqual([]);
  });

  test("as what `docker save` has written", async () => {
    await docker("save", "--output", join(folder, "saved.tar"), nameOf("amd64"));
    expect((await testImage("saved.tar")).reply).toContain('"shell":"bash"');
  });
});

test("an image of a registry is pulled with the engine's login, by tag or digest; without it, and where there is none, that is said", async () => {
  const layout = join(folder, "pulled");
  await build("shell", "--output", `type=oci,tar=false,dest=${layout}`);
  await using registry = await loginRegistry(layout);
  const settings = join(folder, "settings");
  await mkdir(settings);
  await writeFile(join(settings, "config.json"), JSON.stringify(registry.login));
  const index = JSON.parse(await readFile(join(layout, "index.json"), "utf8"));
  const digest: string = index.manifests[0].digest;
  // The builder stays the user's own.
  const own = { BUILDX_CONFIG: process.env["BUILDX_CONFIG"] ?? join(homedir(), ".docker", "buildx") };
  const run = (name: string, env: Record<string, string> = {}) =>
    mkimage(["test", "--image", `${registry.host}/${RUN}${name}`, "--event", "event.json", "--json"], {
      cwd: folder,
      env: { ...own, ...env },
    });
  const without = await run(`@${digest}`);
  expect(without.stderr).toContain(`is refused by ${registry.host}`);
  expect(without.stderr).toContain(`docker login ${registry.host}`);
  expect(without.exitCode).toBe(3);
  const login = { DOCKER_CONFIG: settings };
  const none = await run(":none", login);
  expect(none.stderr).toContain(`${registry.host} does not have it`);
  expect(none.exitCode).toBe(1);
  try {
    const pulled = await run(`@${digest}`, login);
    expect(pulled.exitCode, pulled.stderr).toBe(0);
    expect(JSON.parse(pulled.stdout).reply).toContain('"shell":"bash"');
    expect(pulled.stderr).toMatch(/pulling, \d+ of \d+ layers|pulled, \d+ layers/);
    expect(pulled.stderr).not.toContain(Object.values(registry.login.auths)[0]?.auth);
  } finally {
    await docker("rmi", "--force", `${registry.host}/${RUN}@${digest}`).catch(() => {});
  }
});

test("--model sends a model's samples to any image, and compares its replies", async () => {
  const project = await makeProject();
  onTestFinished(() => project.remove());
  const cell = ["--os", "debian", "--arch", "amd64"];
  await mkimageJson(["build", ...cell], { cwd: project.folder });
  const other = `${nameOf("renamed")}`;
  await docker("tag", `${project.repository}:debian-amd64`, other);
  const send = (reference: string) =>
    mkimage(["test", "--image", reference, "--model", MODEL, ...cell, "--json"], { cwd: project.folder });
  const same = await send(other);
  expect(same.exitCode, same.stderr).toBe(0);
  expect(JSON.parse(same.stdout).largestDifference).toBeLessThan(1e-3);
  const wrong = await send(nameOf("amd64"));
  expect(wrong.stderr).toMatch(new RegExp(`${MODEL}, sample 1: .*the answer begins: \\{"shell":"bash"`));
  expect(wrong.exitCode).toBe(1);
});

describe("an image is refused", () => {
  test("for broken rules, each with its file, before anything of it runs", async () => {
    const token = `ghp_${"aB3dE5gH7j".repeat(4).slice(0, 36)}`;
    await buildImage(
      nameOf("broken"),
      `FROM alpine:3.23\nRUN mkdir /opt/a && echo T=${token} > /opt/a/.env && chmod 600 /opt/a/.env\nENTRYPOINT ["/opt/none"]\n`,
    );
    const args = ["test", "--image", nameOf("broken"), "--event", "event.json"];
    const { exitCode, stdout, stderr } = await mkimage(args, inFolder());
    expect(stderr).toContain(`${nameOf("broken")} breaks 3 rules`);
    expect(stderr).toContain("  /opt/a/.env has mode 0600");
    expect(stderr).toContain("  /opt/a/.env has a GitHub Token in line 1, in layer 2");
    expect(stderr).toContain("  history, step ");
    expect(stderr).toContain("  the entry point /opt/none is not in the image");
    expect(stderr).not.toContain(token);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    const shown = await mkimage(["inspect", "--rules", "--image", nameOf("broken")], inFolder());
    expect(shown.stdout).toMatch(/^✗ {2}readable /m);
    expect(shown.stdout).toMatch(/^✓ {2}platform /m);
    expect(shown.exitCode).toBe(1);
  });

  test("as a layout of several platforms, or with an attestation", async () => {
    const output = `type=oci,tar=false,dest=${join(folder, "index")}`;
    await execa(
      "docker",
      [
        "buildx",
        "build",
        "--platform",
        "linux/amd64,linux/arm64",
        "--provenance=true",
        "--output",
        output,
        "-",
      ],
      {
        input: 'FROM alpine:3.23\nENTRYPOINT ["/bin/cat"]\n',
      },
    );
    const { exitCode, stderr } = await mkimage(
      ["test", "--image", "index", "--event", "event.json"],
      inFolder(),
    );
    expect(stderr).toMatch(/single-platform: .*\n +\S+ is an index, of linux\/amd64, linux\/arm64/);
    expect(stderr).toMatch(/no-attestation: .*\n +\S+ has 2 attestations/);
    expect(exitCode).toBe(1);
  });

  test("when it ends at once, with what it said", async () => {
    await buildImage(
      nameOf("ends"),
      'FROM alpine:3.23\nENTRYPOINT ["/bin/sh", "-c", "echo the reason >&2; exit 7"]\n',
    );
    const { exitCode, stderr } = await mkimage(
      ["test", "--image", nameOf("ends"), "--event", "event.json"],
      inFolder(),
    );
    expect(stderr).toContain("the reason");
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(exitCode).toBe(1);
  });

  test("when there is none, or nothing is to be sent", async () => {
    const none = await mkimage(
      ["test", "--image", "localhost:1/none:1", "--event", "event.json"],
      inFolder(),
    );
    expect(none.stderr).toMatch(/--image localhost:1\/none:1 is neither|registry does not answer/);
    const silent = await mkimage(["test", "--image", nameOf("amd64")], inFolder());
    expect(silent.stderr).toContain("Give --event FILE");
    expect(silent.exitCode).toBe(2);
  });
});

test("nothing is left running", async () => {
  expect(await dockerLines("ps", "--all", "--quiet", "--filter", "label=mkimage.sandbox=function")).toEqual(
    [],
  );
});
