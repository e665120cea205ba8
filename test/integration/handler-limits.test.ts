import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDocker } from "../../build/clients/docker.ts";
import { withSandbox } from "../../build/smoke/sandbox.ts";
import { docker, removeImages } from "../support/engine.ts";
import { mkimage } from "../support/mkimage.ts";
import { MODEL, makeProject, type Project } from "../support/project.ts";

const CELL = ["--os", "debian", "--arch", "amd64"];
const { signal } = new AbortController();

/** Handlers that end in the worst ways. */
const HANDLERS = {
  "loop-module": "while (true) {}\nexport default () => 1;\n",
  "wait-init":
    "export const init = () => new Promise((done) => setTimeout(done, 1e9));\nexport default () => 1;\n",
  "loop-call": "export default () => { while (true) {} };\n",
  flood: `for (let i = 0; i < 1600; i++) console.error("x".repeat(65_536));
process.stderr.write("x".repeat(1e6));
throw new RangeError("after the flood");
export default () => 1;
`,
  error: 'export default () => { throw new RangeError("x".repeat(1e8)); };\n',
  reply: 'export default () => "x".repeat(1e8);\n',
  floating: 'export default () => { Promise.reject(new RangeError("nobody waits")); return 1; };\n',
  memory: "const held = [];\nexport default () => { for (;;) held.push(Buffer.alloc(1e7, 1)); };\n",
};
type Name = keyof typeof HANDLERS;
const NAMES = Object.keys(HANDLERS) as Name[];

let project: Project;
const functionOf = (name: Name) => `${project.function}-${name}`;
const repositoryOf = (name: Name) => `mkimage-test/${functionOf(name)}`;

beforeAll(async () => {
  project = await makeProject();
  for (const name of NAMES) await writeFile(join(project.folder, `${name}.mjs`), HANDLERS[name]);
  const rows = NAMES.map((name) => [functionOf(name), { model: MODEL, memory: 512, handler: `${name}.mjs` }]);
  await project.writeConfig({ repository: "mkimage-test/<function>", functions: Object.fromEntries(rows) });
  const { exitCode, stderr } = await mkimage(["build", ...CELL], { cwd: project.folder });
  expect(exitCode, stderr).toBe(0);
});
afterAll(async () => {
  for (const name of NAMES) await removeImages(functionOf(name), repositoryOf(name));
  await project?.remove();
});

const run = (command: "invoke" | "test", name: Name) =>
  mkimage([command, ...CELL, "--function", functionOf(name), ...(command === "invoke" ? ["1"] : [])], {
    cwd: project.folder,
  });

test.each<[Name, string]>([
  [
    "loop-module",
    "it did not finish loading within 3 s: a module or an `init` that loops, or waits for ever",
  ],
  ["wait-init", "it did not finish loading within 3 s"],
  ["loop-call", "it did not answer within 3 s"],
])("%s has an end, and the cause is said", async (name, says) => {
  const image = {
    reference: `${repositoryOf(name)}:debian-amd64`,
    arch: "amd64",
    memory: 512,
    function: functionOf(name),
  } as const;
  const asked = withSandbox(await connectDocker(), image, { signal, timeout: 3 }, (sandbox) =>
    sandbox.invoke(["1"]),
  );
  await expect(asked).rejects.toThrow(says);
});

test.each<[Name, string]>([
  ["flood", "The function did not answer: RangeError: after the flood"],
  ["error", "The function answered with an error: RangeError: xxx"],
  ["reply", "Function.ResponseSizeTooLarge: the answer has 100000002 bytes"],
  ["memory", "it ran out of memory, with 512 MB"],
])("%s is told with its cause, in a short text", async (name, says) => {
  const { exitCode, stdout, stderr } = await run("invoke", name);
  expect(stderr).toContain(says);
  expect(stderr.length).toBeLessThan(30_000);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
});

test("a function that runs out of memory without the emulator is told with that", async () => {
  const args = ["invoke", ...CELL, "--function", functionOf("memory"), "--stream", "1"];
  const { exitCode, stderr } = await mkimage(args, { cwd: project.folder });
  expect(stderr).toContain("it ran out of memory");
  expect(exitCode).toBe(1);
});

test("a promise that nothing awaits is told by invoke, and fails the test", async () => {
  const says = "Runtime.UnhandledPromiseRejection: RangeError: nobody waits";
  const invoked = await run("invoke", "floating");
  expect(invoked).toMatchObject({ exitCode: 0, stdout: "1" });
  expect(invoked.stderr).toContain(`The function answered, and failed outside of the call: ${says}`);
  const tested = await run("test", "floating");
  expect(tested.exitCode).toBe(1);
  expect(tested.stderr).toContain(`The function did not answer: ${says}`);
});

test("the engine keeps little of what a function writes", async () => {
  const image = {
    reference: `${repositoryOf("reply")}:debian-amd64`,
    arch: "amd64",
    memory: 512,
    function: functionOf("reply"),
  } as const;
  const config = await withSandbox(await connectDocker(), image, { signal }, async () => {
    const filter = `label=mkimage.sandbox=${functionOf("reply")}`;
    const id = await docker("ps", "--quiet", "--filter", filter);
    return JSON.parse(await docker("inspect", "--format", "{{json .HostConfig.LogConfig}}", id));
  });
  expect(config).toMatchObject({ Type: "local", Config: { "max-size": "1m", "max-file": "2" } });
});
