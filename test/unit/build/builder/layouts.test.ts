import { chmod, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { BuildOptions } from "../../../../build/builder/built.ts";
import { buildToLayouts } from "../../../../build/builder/layouts.ts";
import { makePlan } from "../../../../build/plan/plan.ts";
import { temporaryFolder, writeTree } from "../../../support/folder.ts";
import { configOf, FACTS, MINIMAL } from "../../../support/plan-facts.ts";
import { refusal } from "../../../support/refusal.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

let bin: string;
let out: string;
const options: BuildOptions = { signal: new AbortController().signal, secrets: [] };

/** A layout that is there already. */
const OLD = {
  "alpine-arm64/oci-layout": "{}",
  "alpine-arm64/index.json": "{}",
  "alpine-arm64/version": "old",
};

/** What the builder writes. */
const LAYOUT = {
  "oci-layout": {},
  "index.json": {
    manifests: [{ mediaType: "application/vnd.oci.image.manifest.v1+json", digest: digest("1"), size: 1 }],
  },
  [`blobs/sha256/${"1".repeat(64)}`]: { config: { digest: digest("2"), size: 1 }, layers: [] },
  [`blobs/sha256/${"2".repeat(64)}`]: { config: {}, rootfs: { diff_ids: [] } },
};

/** A `docker` that writes a layout with the given text for each image that is exported, and then runs the script. */
async function fakeDocker(text: string, after = ""): Promise<void> {
  const script = `#!${process.execPath}
const { mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const { dirname } = require("node:path");
if (process.argv[3] === "inspect") process.exit();
const { group, target } = JSON.parse(readFileSync(0, "utf8"));
for (const name of group.default.targets) {
  const [, dest] = /dest=([^,]+)/.exec(target[name].output[0]);
  const files = { ...${JSON.stringify(LAYOUT)}, version: ${JSON.stringify(text)} + name };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(dest + "/" + path), { recursive: true });
    writeFileSync(dest + "/" + path, typeof content === "string" ? content : JSON.stringify(content));
  }
}
writeFileSync(process.argv[process.argv.indexOf("--metadata-file") + 1], "{}");
${after}
`;
  await writeTree(bin, { docker: script });
  await chmod(join(bin, "docker"), 0o755);
}

const images = async (file: unknown = MINIMAL) => makePlan(await configOf(file, { os: ["alpine"] }), FACTS);

beforeEach(async () => {
  bin = await temporaryFolder();
  out = await temporaryFolder();
  vi.stubEnv("PATH", `${bin}:${process.env["PATH"]}`);
});

describe("--output oci=DIR", () => {
  test("writes a layout per image, named by its tag, and nothing else", async () => {
    await fakeDocker("new ");
    const built = await buildToLayouts(await images(), `oci=${join(out, "a/b")}`, options);
    expect(built.map(({ reference }) => reference)).toEqual([
      join(out, "a/b/alpine-arm64"),
      join(out, "a/b/alpine-amd64"),
    ]);
    expect((await readdir(join(out, "a/b"))).sort()).toEqual(["alpine-amd64", "alpine-arm64"]);
    expect(built[0]).toMatchObject({ digest: digest("1"), configDigest: digest("2") });
    expect(await readFile(join(out, "a/b/alpine-arm64/version"), "utf8")).toBe("new embed-alpine-arm64");
  });

  test("names the layouts of several functions by function", async () => {
    await fakeDocker("new ");
    await buildToLayouts(
      await images({ functions: { a: { model: "minilm" }, b: { model: "minilm" } } }),
      `oci=${out}`,
      options,
    );
    expect((await readdir(out)).sort()).toEqual([
      "a-alpine-amd64",
      "a-alpine-arm64",
      "b-alpine-amd64",
      "b-alpine-arm64",
    ]);
  });

  test("replaces a former layout as a whole", async () => {
    await writeTree(out, { ...OLD, "alpine-arm64/blobs/x": "old" });
    await fakeDocker("new ");
    await buildToLayouts(await images(), `oci=${out}`, options);
    expect((await readdir(join(out, "alpine-arm64"))).sort()).toEqual([
      "blobs",
      "index.json",
      "oci-layout",
      "version",
    ]);
    expect(await readdir(join(out, "alpine-arm64/blobs"))).toEqual(["sha256"]);
  });

  test.each([
    ["a folder of other files", { "alpine-arm64/thesis.odt": "years of work" }],
    ["an index.json alone", { "alpine-arm64/index.json": "{}" }],
    ["a file", { "alpine-arm64": "text" }],
  ])("refuses to replace %s, before anything is built", async (_, tree) => {
    await writeTree(out, tree as Record<string, string>);
    await fakeDocker("new ", "process.exit(1)");
    const { message, exitCode } = await refusal(async () =>
      buildToLayouts(await images(), `oci=${out}`, options),
    );
    expect({ message, exitCode }).toMatchObject({ exitCode: 2 });
    expect(message).toContain(join(out, "alpine-arm64"));
    const [[path, content]] = Object.entries(tree) as [[string, string]];
    expect(await readFile(join(out, path), "utf8")).toBe(content);
    expect(await readdir(out)).toEqual(["alpine-arm64"]);
  });

  test("leaves former layouts as they were when the build fails", async () => {
    await writeTree(out, OLD);
    await fakeDocker("new ", "process.exit(1)");
    await refusal(async () => buildToLayouts(await images(), `oci=${out}`, options));
    expect(await readdir(out)).toEqual(["alpine-arm64"]);
    expect(await readFile(join(out, "alpine-arm64/version"), "utf8")).toBe("old");
  });

  test("leaves former layouts as they were after Ctrl-C between the build and the move", async () => {
    await writeTree(out, OLD);
    await fakeDocker("new ");
    const { signal } = new AbortController();
    vi.spyOn(signal, "throwIfAborted").mockImplementation(() => {
      throw new Error("SIGINT");
    });
    const plan = await images();
    await expect(buildToLayouts(plan, `oci=${out}`, { ...options, signal })).rejects.toThrow("SIGINT");
    expect(await readdir(out)).toEqual(["alpine-arm64"]);
    expect(await readFile(join(out, "alpine-arm64/version"), "utf8")).toBe("old");
  });

  test("leaves former layouts as they were after Ctrl-C", async () => {
    await writeTree(out, OLD);
    await fakeDocker("new ");
    const signal = AbortSignal.abort(new Error("SIGINT"));
    await expect(
      images().then((plan) => buildToLayouts(plan, `oci=${out}`, { ...options, signal })),
    ).rejects.toThrow("SIGINT");
    expect(await readdir(out)).toEqual(["alpine-arm64"]);
    expect(await readFile(join(out, "alpine-arm64/version"), "utf8")).toBe("old");
  });
});

test.each(["oci", "oci=", "docker=x", "layouts"])("--output %s is refused", async (output) => {
  expect(await refusal(async () => buildToLayouts(await images(), output, options))).toMatchObject({
    exitCode: 2,
    message: `Cannot read --output "${output}"`,
    hint: "Write it as oci=DIR",
  });
});
