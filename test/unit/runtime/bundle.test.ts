import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const RUNTIME = join(import.meta.dirname, "../../../runtime");

/** What a program imports before it runs, itself included. */
function loaded(folder: string, name: string): string {
  const own = readFileSync(join(folder, name), "utf8");
  const chunks = [...own.matchAll(/from ?"\.\/([^"]+)"/g)].map(([, chunk]) => loaded(folder, chunk ?? ""));
  return [own, ...chunks].join("\n");
}

test("the program is small and loads nothing but Node and ONNX Runtime; what few need is apart", () => {
  const out = mkdtempSync(join(tmpdir(), "mkimage-bundle-"));
  const script = ["run", "--silent", "bundle", "--", `--outdir=${out}`];
  const { status, stderr } = spawnSync("npm", script, { cwd: RUNTIME, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const apart = readdirSync(out).filter((name) => !/^(index|chunk-\w+)\.mjs$/.test(name));
  expect(apart).toEqual([
    expect.stringMatching(/^chat-\w+\.mjs$/),
    expect.stringMatching(/^schemas-\w+\.mjs$/),
  ]);
  const program = loaded(out, "index.mjs");
  rmSync(out, { recursive: true });
  const imported = [...program.matchAll(/from ?"([^"]+)"/g)].map(([, name]) => name);
  expect(imported.filter((name) => !/^(node:|\.\/chunk-)/.test(name ?? ""))).toEqual([]);
  expect(program.match(/onnxruntime-node\/[^"`$]*/g)).toEqual(["onnxruntime-node/bin/napi-v6/"]);
  expect(imported).not.toContain("node:http");
  expect(program).not.toMatch(/ZodObject|safeParse:/);
  expect(program.length).toBeLessThan(150_000);
});
