import { randomBytes } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { awsKeys, startAws } from "../support/aws.ts";
import { docker, dockerLines } from "../support/engine.ts";
import { writeTree } from "../support/folder.ts";
import { mkimageJson } from "../support/mkimage.ts";

const NAME = `pack-${randomBytes(4).toString("hex")}`;
const QUIET = ["--no-audit", "--no-fund", "--prefer-offline"];
let root: string;
let tarball: string;
/** A project in a path with blanks, with the package installed. */
let project: string;

/** Bytes of the files below a folder. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(({ parentPath, name }) => stat(join(parentPath, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "mkimage-pack-"));
  // `make dist` has compiled it.
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", root];
  const { stdout } = await execa("npm", args, { cwd: TOOL_ROOT });
  tarball = join(root, JSON.parse(stdout)[0].filename);
  project = join(root, "a project");
  await mkdir(project);
  await writeTree(project, { "package.json": { name: NAME, private: true } });
  await execa("npm", ["install", "--save-dev", ...QUIET, tarball], { cwd: project });
});

afterAll(async () => {
  const images = await dockerLines("images", "--quiet", "--filter", `label=mkimage.function=${NAME}`);
  if (images.length > 0) await docker("rmi", "--force", ...new Set(images));
  await rm(root, { recursive: true, force: true });
});

test("the package has at most 2 MB, and 150 MB with everything that it needs; nothing of it is compiled", async () => {
  expect((await stat(tarball)).size).toBeLessThan(2e6);
  expect(await sizeOf(join(project, "node_modules"))).toBeLessThan(150e6);
  const licenses = await readFile(
    join(project, "node_modules/mkimage/dist/THIRD-PARTY-LICENSES.txt"),
    "utf8",
  );
  for (const name of ["dockerode", "@observablehq/plot", "d3-scale", "linkedom"]) {
    expect(licenses).toMatch(new RegExp(`^${name} \\d.*\n\n(?:.*\n)*?.*Copyright`, "m"));
  }
  const installed = await readdir(join(project, "node_modules"));
  expect(installed).toContain("mkimage");
  expect(installed.filter((name) => /^(?:ssh2|cpu-features|node-gyp|nan)$/.test(name))).toEqual([]);
  const [binding] = (await readdir(join(project, "node_modules"), { recursive: true })).filter((path) =>
    path.endsWith("binding.gyp"),
  );
  expect(binding).toBeUndefined();
});

test("it works as a global package and by `npx --package`", async () => {
  const { version } = JSON.parse((await execa("npm", ["pkg", "get", "--json"], { cwd: TOOL_ROOT })).stdout);
  const prefix = join(root, "global");
  await execa("npm", ["install", "--global", "--prefix", prefix, ...QUIET, tarball], { cwd: root });
  expect((await execa(join(prefix, "bin/mkimage"), ["--version"], { cwd: root })).stdout).toBe(version);
  const npx = ["--yes", "--package", tarball, "mkimage", "--version"];
  expect((await execa("npx", npx, { cwd: root })).stdout).toBe(version);
});

test("what is installed leads from a folder with a model to a registry: init, build, test, push", async () => {
  const [model] = await mkimageJson<{ directory: string }[]>(["models", "fetch"], { cwd: TOOL_ROOT });
  await cp(model?.directory ?? "", join(project, "weights"), { recursive: true, dereference: true });
  const env = { ...awsKeys(), AWS_ENDPOINT_URL: await startAws() };
  const init = ["init", "file:weights", "--task", "feature-extraction", "--function", NAME];
  const steps = [[...init, "--os", "alpine", "--arch", "amd64"], ["build"], ["test"], ["push"]];
  for (const args of steps) {
    const { exitCode, stdout, stderr } = await execa("npx", ["--no-install", "mkimage", ...args], {
      cwd: project,
      env,
      reject: false,
    });
    expect(exitCode, `${args.join(" ")}: ${stderr}`).toBe(0);
    if (args[0] === "push") expect(stdout).toMatch(/@sha256:[0-9a-f]{64}$/);
  }
  for (const [file, field] of Object.entries({
    "mkimage.json": "functions",
    "models/weights.json": "task",
  })) {
    const { $schema } = JSON.parse(await readFile(join(project, file), "utf8"));
    const schema = JSON.parse(await readFile(join(project, dirname(file), $schema), "utf8"));
    expect(schema, file).toMatchObject({ required: expect.arrayContaining([field]) });
  }
});
