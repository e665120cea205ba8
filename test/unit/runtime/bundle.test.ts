import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const RUNTIME = join(import.meta.dirname, "../../../runtime");

test("the program is small and loads nothing but Node and ONNX Runtime; chat templates are apart", () => {
  const out = mkdtempSync(join(tmpdir(), "mkimage-bundle-"));
  const script = ["run", "--silent", "bundle", "--", `--out=${out}`];
  const { status, stderr } = spawnSync("npm", script, { cwd: RUNTIME, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const files = readdirSync(out);
  expect(files).toEqual([
    expect.stringMatching(/^chat-\w+\.mjs$/),
    expect.stringMatching(/^chunk-\w+\.mjs$/),
    "index.mjs",
  ]);
  const program = files
    .filter((name) => !name.startsWith("chat-"))
    .map((name) => readFileSync(join(out, name), "utf8"))
    .join("\n");
  rmSync(out, { recursive: true });
  const imported = [...program.matchAll(/from ?"([^"]+)"/g)].map(([, name]) => name);
  expect(imported.filter((name) => !/^(node:|\.\/chunk-)/.test(name ?? ""))).toEqual([]);
  expect(program.match(/onnxruntime-node\/[^"`$]*/g)).toEqual(["onnxruntime-node/bin/napi-v6/"]);
  expect(imported).not.toContain("node:http");
  expect(program).not.toContain("zod");
  expect(program.length).toBeLessThan(150_000);
});
