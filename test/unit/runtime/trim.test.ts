import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const SCRIPT = join(import.meta.dirname, "../../../runtime/trim.mjs");

let out: string;

beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "mkimage-trim-"));
});
afterEach(() => rmSync(out, { recursive: true }));

const trim = (...argv: string[]) => spawnSync(process.execPath, [SCRIPT, ...argv], { encoding: "utf8" });

test.each(["x64", "arm64"])("%s: the libraries of that CPU, JavaScript, and nothing else", (cpu) => {
  expect(trim("--cpu", cpu, "--out", out).stderr).toBe("");
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

test("what is trimmed for this machine's CPU loads", () => {
  trim("--cpu", process.arch, "--out", out);
  const load = `require(${JSON.stringify(join(out, "node_modules/onnxruntime-node"))}).InferenceSession.create`;
  const { stdout } = spawnSync(process.execPath, ["-p", `typeof ${load}`], { encoding: "utf8" });
  expect(stdout.trim()).toBe("function");
});

test("an unknown CPU or a missing folder is bad usage", () => {
  expect(trim("--cpu", "mips", "--out", out).status).toBe(2);
  expect(trim("--cpu", "x64").status).toBe(2);
});
