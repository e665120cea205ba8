import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";

const RUNTIME = join(import.meta.dirname, "../../../../runtime");
let out: string;

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), "mkimage-bundle-"));
  const script = ["run", "--silent", "bundle", "--", `--out=${out}`];
  const { status, stderr } = spawnSync("npm", script, { cwd: RUNTIME, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
afterAll(() => rmSync(out, { recursive: true }));

const read = (name: string) => readFileSync(join(out, name), "utf8");
const importsOf = (text: string) =>
  [...text.matchAll(/(?:from|import) ?"([^"]+)"/g)].map(([, name]) => String(name));

/** A file with those that are loaded together with it. */
function loadedWith(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const each of importsOf(read(name))) if (each.startsWith("./")) loadedWith(each.slice(2), seen);
  return seen;
}

/** The one file whose name begins so. */
function fileNamed(start: string): string {
  const found = readdirSync(out).filter((name) => name.startsWith(`${start}-`));
  expect(found).toHaveLength(1);
  return found[0] as string;
}

test("the program is small and loads nothing but Node, ONNX Runtime and tokenizers", () => {
  const program = [...loadedWith("index.mjs")].map(read).join("\n");
  const imported = importsOf(program);
  expect(imported.filter((name) => !/^(node:|\.\/chunk-)/.test(name))).toEqual([]);
  expect(program.match(/onnxruntime-node\/[^"`$]*/g)).toEqual(["onnxruntime-node/bin/napi-v6/"]);
  expect(program.match(/tokenizers\/tokenizers\.[^"`$]*/g)).toEqual(["tokenizers/tokenizers."]);
  expect(imported).not.toContain("node:http");
  expect(program).not.toMatch(/ZodObject|safeParse:/);
  expect(program.length).toBeLessThan(150_000);
});

test.each(["chat", "image-processor", "s3"])("%s is apart from it", (start) => {
  expect([...loadedWith("index.mjs")]).not.toContain(fileNamed(start));
});

test("what reads images is small too, and leaves S3 for those who name an object", () => {
  const files = loadedWith(fileNamed("image-processor"));
  expect([...files]).not.toContain(fileNamed("s3"));
  const size = [...files].reduce((sum, name) => sum + read(name).length, 0);
  expect(size).toBeLessThan(50_000);
});

test("what reads from S3 does so as it is bundled: nothing is required that only CommonJS has", async () => {
  const server = createServer((_, response) => response.end("the object"));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const chunk = JSON.stringify(join(out, fileNamed("s3")));
  const program = `const { readObject } = await import(${chunk});
    console.log((await readObject({ bucket: "bucket", key: "key" }, "inputs")).toString());`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    env: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    },
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  server.close();
  expect({ stdout, stderr }).toEqual({ stdout: "the object\n", stderr: "" });
});
