import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const RUNTIME = join(import.meta.dirname, "../../../runtime");

test("the program is one small file that loads nothing but Node and ONNX Runtime", () => {
  const out = mkdtempSync(join(tmpdir(), "mkimage-bundle-"));
  const script = ["run", "--silent", "bundle", "--", `--outfile=${out}/index.mjs`];
  const { status, stderr } = spawnSync("npm", script, { cwd: RUNTIME, encoding: "utf8" });
  expect({ status, files: readdirSync(out), stderr }).toMatchObject({ status: 0, files: ["index.mjs"] });
  const program = readFileSync(join(out, "index.mjs"), "utf8");
  rmSync(out, { recursive: true });
  const imported = [...program.matchAll(/from ?"([^"]+)"/g)].map(([, name]) => name);
  expect(imported.filter((name) => !name?.startsWith("node:"))).toEqual([]);
  expect(program.match(/onnxruntime-node\/[^"`$]*/g)).toEqual(["onnxruntime-node/bin/napi-v6/"]);
  expect(imported).not.toContain("node:http");
  expect(program).not.toContain("zod");
  expect(program.length).toBeLessThan(200_000);
});
