import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Tools } from "../../../../runtime/handler-types/index.d.ts";
import { loadUserHandler } from "../../../../runtime/user-handler/load.ts";

const ROOT = resolve(import.meta.dirname, "../../../..");
const EXAMPLES = [
  ...readFileSync(join(ROOT, "docs/handler.md"), "utf8").matchAll(/^```ts\n([\s\S]*?)^```$/gm),
].map(([, code = ""]) => code);
/** Uses of the types that must be refused, each in its line. */
const WRONG = `import type { Handler, Init } from "mkimage/handler";
export const a: Handler = async (event) => event.text;
export const b: Handler = (_, { pipeline }) => pipeline("text");
export const c: Handler = (_, { context }) => context.remaining;
export const d: Init = ({ next }) => next({});
`;

let project: string;

/** A project that has installed mkimage, as far as types are concerned. */
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "mkimage-types-"));
  mkdirSync(join(project, "node_modules"));
  symlinkSync(ROOT, join(project, "node_modules/mkimage"));
  for (const [i, code] of EXAMPLES.entries()) writeFileSync(join(project, `example${i}.ts`), code);
  writeFileSync(join(project, "wrong.ts"), WRONG);
});
afterAll(() => rmSync(project, { recursive: true }));

function check(files: string[], ...options: string[]) {
  const args = ["--noEmit", "--strict", "--target", "es2024", "--types", "", ...options, ...files];
  const { stdout } = spawnSync(join(ROOT, "node_modules/.bin/tsc"), args, { cwd: project, encoding: "utf8" });
  return stdout.trim();
}

test("there are examples: one that wraps and one that replaces", () => {
  expect(EXAMPLES.map((code) => code.includes("await next("))).toEqual([true, false]);
});

test.each([
  { resolution: "nodenext", options: ["--module", "nodenext"] },
  { resolution: "bundler", options: ["--module", "preserve"] },
])("a project's compiler finds the types and takes the examples: $resolution", ({ options }) => {
  const files = EXAMPLES.map((_, i) => `example${i}.ts`);
  expect(check(files, ...options, "--skipLibCheck", "false")).toBe("");
});

test("the types alone are a package of the same version, and take the examples", () => {
  const types = join(ROOT, "runtime/handler-types");
  const [own, tool] = [types, ROOT].map((folder) =>
    JSON.parse(readFileSync(join(folder, "package.json"), "utf8")),
  );
  expect(own.version).toBe(tool.version);
  symlinkSync(types, join(project, "node_modules/mkimage-handler"));
  const files = EXAMPLES.map((code, i) => {
    writeFileSync(join(project, `alone${i}.ts`), code.replace("mkimage/handler", own.name));
    return `alone${i}.ts`;
  });
  expect(check(files, "--module", "nodenext", "--skipLibCheck", "false")).toBe("");
});

test("what a handler cannot do is refused", () => {
  const lines = [...check(["wrong.ts"], "--module", "nodenext").matchAll(/^wrong\.ts\((\d+),/gm)];
  expect(lines.map(([, line]) => Number(line))).toEqual([2, 3, 4, 5]);
});

/** Bundles an example and loads it as the image does. */
async function load(index: number) {
  const args = [
    `--project=${project}`,
    `--handler=example${index}.ts`,
    `--out=${join(project, `out${index}`)}`,
  ];
  expect(spawnSync(process.execPath, [join(ROOT, "runtime/bundle/user-handler.mjs"), ...args]).status).toBe(
    0,
  );
  return loadUserHandler(join(project, `out${index}/handler.mjs`));
}

test("the example that wraps gives the label alone, and other replies as they are", async () => {
  const { default: handler } = await load(0);
  const answering = (reply: unknown) => ({ next: async () => reply }) as unknown as Tools;
  const scored = [{ label: "good", score: 0.9 }];
  expect(await handler({}, answering(scored))).toEqual({ label: "good" });
  expect(await handler({}, answering([scored]))).toEqual({ label: "good" });
  expect(await handler({}, answering({ statusCode: 200 }))).toEqual({ statusCode: 200 });
});

test("the example that replaces finds the nearest question", async () => {
  const vectors: Record<string, number[]> = { parcel: [0, 1], money: [1, 0] };
  const pipeline = async ({ inputs }: { inputs: unknown }) =>
    typeof inputs === "string" ? vectors[inputs] : [vectors["money"], vectors["parcel"]];
  const tools = { pipeline } as unknown as Tools;
  const { default: handler, init } = await load(1);
  await init?.({ ...tools, models: [] });
  expect(await handler({ text: "parcel" }, tools)).toEqual({ question: "Where is my parcel?" });
});
