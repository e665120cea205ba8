import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const SCRIPT = join(import.meta.dirname, "../../../../runtime/bundle/native-packages.mjs");

let out: string;

beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "mkimage-trim-"));
});
afterEach(() => rmSync(out, { recursive: true }));

const trim = (...argv: string[]) => spawnSync(process.execPath, [SCRIPT, ...argv], { encoding: "utf8" });

test.each(["x64", "arm64"])("%s: the libraries of that CPU, JavaScript, and nothing else", (cpu) => {
  expect(trim("--package", "onnxruntime", "--cpu", cpu, "--out", out).stderr).toBe("");
  const files = readdirSync(join(out, "node_modules"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1));
  const native = files.filter((file) => file.includes("/bin/"));
  expect(native.map((file) => file.replace(/.*\/bin\/napi-v\d+\//, "")).sort()).toEqual([
    `linux/${cpu}/libonnxruntime.so.1`,
    `linux/${cpu}/onnxruntime_binding.node`,
  ]);
  const rest = files.filter((file) => !file.includes("/bin/"));
  expect(rest.filter((file) => !/\/package\.json$|\.js$/.test(file))).toEqual([]);
  expect(files.every((file) => statSync(join(out, file)).nlink === 1)).toBe(true);
});

test.each(["x64", "arm64"])("%s: the one addon of tokenizers for that CPU", (cpu) => {
  expect(trim("--package", "tokenizers", "--cpu", cpu, "--out", out).stderr).toBe("");
  expect(readdirSync(join(out, "node_modules/tokenizers")).sort()).toEqual([
    "LICENSE",
    "package.json",
    `tokenizers.linux-${cpu}-gnu.node`,
  ]);
});

test("what is trimmed for this machine's CPU loads", () => {
  trim("--package", "onnxruntime", "--cpu", process.arch, "--out", out);
  const load = `require(${JSON.stringify(join(out, "node_modules/onnxruntime-node"))}).InferenceSession.create`;
  const { stdout } = spawnSync(process.execPath, ["-p", `typeof ${load}`], { encoding: "utf8" });
  expect(stdout.trim()).toBe("function");
});

test("sharp in one file and its native part for this CPU decode an image, with nothing else beside them", () => {
  expect(trim("--package", "sharp", "--cpu", process.arch, "--out", out).stderr).toBe("");
  const program = join(out, "node_modules/sharp/dist/index.mjs");
  const bundle = ["run", "--silent", "bundle-sharp", "--", `--outfile=${program}`];
  const { stderr } = spawnSync("npm", bundle, { cwd: join(SCRIPT, ".."), encoding: "utf8" });
  expect(stderr).toBe("");
  expect(readdirSync(join(out, "node_modules")).sort()).toEqual(["@img", "sharp"]);
  expect(readdirSync(join(out, "node_modules/@img")).sort()).toEqual([
    `sharp-libvips-linux-${process.arch}`,
    `sharp-linux-${process.arch}`,
  ]);
  writeFileSync(
    join(out, "try.mjs"),
    `import sharp from "sharp";
    const red = await sharp({ create: { width: 2, height: 1, channels: 3, background: "red" } }).png().toBuffer();
    console.log([...(await sharp(red).raw().toBuffer())].join());`,
  );
  const tried = spawnSync(process.execPath, [join(out, "try.mjs")], { encoding: "utf8" });
  expect(tried).toMatchObject({ stdout: "255,0,0,255,0,0\n", stderr: "" });
});

test("an unknown package or CPU, or a missing folder, is bad usage", () => {
  expect(trim("--package", "onnxruntime", "--cpu", "mips", "--out", out).status).toBe(2);
  expect(trim("--package", "onnxruntime", "--cpu", "x64").status).toBe(2);
  expect(trim("--package", "toString", "--cpu", "x64", "--out", out).status).toBe(2);
});
