import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { containersOf, docker, eventually } from "../support/engine.ts";
import { mkimage, mkimageJson, startMkimage } from "../support/mkimage.ts";
import { MODEL, makeProject, type Project } from "../support/project.ts";

const CELL = ["--os", "debian", "--arch", "amd64"];
const SECRET = "not-for-any-log";

/** A handler that streams, and one that tells what it got. */
const HANDLER = `
export default async function (event, { stream }) {
  console.log("asked for " + (event.kind ?? "a request"));
  if (event.kind === "text") return stream((async function* () { yield "one "; yield "two"; })(), "text/plain");
  if (event.kind === "slow") return stream((async function* () {
    yield "one ";
    await new Promise((done) => setTimeout(done, 500));
    console.log("half");
    yield "two";
  })(), "text/plain");
  if (event.kind === "exit") process.exit(3);
  const given = ["MODE", "FILED", "AWS_ACCESS_KEY_ID", "HOME_OF_HOST"].map((name) => process.env[name] || null);
  return { given, hasSecret: process.env.AWS_SECRET_ACCESS_KEY === "${SECRET}", body: event.body, base64: event.isBase64Encoded };
}
`;

let project: Project;
const inProject = (env: Record<string, string> = {}) => ({ cwd: project.folder, env });
const write = (name: string, content: string | Buffer) => writeFile(join(project.folder, name), content);

beforeAll(async () => {
  project = await makeProject();
  await write("handler.js", HANDLER);
  await project.writeConfig({
    functions: { [project.function]: { model: MODEL, handler: "handler.js", event: { kind: "text" } } },
    repository: "mkimage-test/<function>",
  });
  await mkimageJson(["build", ...CELL], inProject());
});
afterAll(() => project?.remove());

test("a handler that streams passes the test, and invoke prints what it has streamed", async () => {
  const tested = await mkimage(["test", ...CELL], inProject());
  expect(tested.exitCode, tested.stderr).toBe(0);
  await write("text.json", '{"kind":"text"}');
  const { stdout, stderr } = await mkimage(["invoke", ...CELL, "--event", "text.json"], inProject());
  expect(stdout).toBe("one two");
  expect(stderr.split("\n")).toContain("asked for text");
  expect(stderr).not.toMatch(/\(rapid\)|RequestId/);
  const { reply } = await mkimageJson<{ reply: string }>(["invoke", ...CELL, "@text.json"], inProject());
  expect(reply).toBe("one two");
});

test("--stream prints a reply while it comes, and says why there is none", async () => {
  const run = startMkimage(["invoke", ...CELL, "--stream", '{"kind":"slow"}'], inProject());
  const pieces: string[] = [];
  run.stdout.on("data", (piece: Buffer) => pieces.push(piece.toString()));
  const { exitCode, stderr } = await run;
  expect(pieces).toEqual(["one ", "two"]);
  expect(stderr.split("\n")).toEqual(expect.arrayContaining(["asked for slow", "half"]));
  expect(exitCode).toBe(0);
  const ended = await mkimage(["invoke", ...CELL, "--stream", '{"kind":"exit"}'], inProject());
  expect(ended.stderr).toContain("The function did not answer: it ended with exit code 3");
  expect(ended.exitCode).toBe(1);
  expect(await containersOf(project.function)).toEqual([]);
});

describe("a function gets", () => {
  const ask = (args: string[], env: Record<string, string> = {}) =>
    mkimage(["invoke", ...CELL, ...args], inProject({ HOME_OF_HOST: "/root", ...env }));

  test("no variable of this machine, but those that are named, and AWS's when asked", async () => {
    const aws = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: SECRET };
    const without = await ask(["{}"], aws);
    expect(JSON.parse(without.stdout)).toMatchObject({ given: [null, null, null, null], hasSecret: false });
    await write("some.env", "FILED=a b\nMODE=file\n");
    const options = ["--env", "MODE=line", "--env-file", "some.env", "--pass-aws"];
    const running = startMkimage(["invoke", ...CELL, ...options, "{}"], inProject(aws));
    const shown = eventually(async () => {
      const [id] = await containersOf(project.function);
      return id && docker("top", id, "-eo", "pid,args").catch(() => undefined);
    });
    expect(await shown).not.toContain(SECRET);
    const { stdout, stderr } = await running;
    expect(JSON.parse(stdout)).toMatchObject({ given: ["line", "a b", "id", null], hasSecret: true });
    expect(stderr).not.toContain(SECRET);
  });

  test("a file as the body of a request", async () => {
    const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255]);
    await write("a.png", picture);
    const { stdout } = await ask(["--payload", "a.png"]);
    expect(JSON.parse(stdout)).toMatchObject({ body: picture.toString("base64"), base64: true });
    const twice = await ask(["{}", "--payload", "a.png"]);
    expect(twice.exitCode).toBe(2);
    expect(twice.stderr).toContain("The event is given in several ways");
  });
});

test("--watch asks again when the event's file changes, and Ctrl-C ends it", async () => {
  await write("watched.json", '{"kind":"first"}');
  const run = startMkimage(["invoke", ...CELL, "--watch", "--event", "watched.json"], inProject());
  const seen: string[] = [];
  createInterface({ input: run.stderr }).on("line", (line) => seen.push(line));
  const waits = (times: number) =>
    eventually(async () =>
      seen.filter((line) => line.startsWith("Waiting for")).length >= times ? true : undefined,
    );
  await waits(1);
  expect(seen).toContain("asked for first");
  await write("watched.json", '{"kind":"second one"}');
  await waits(2);
  expect(seen).toContain("asked for second one");
  const ended = once(run, "exit");
  process.kill(-(run.pid as number), "SIGINT");
  await ended;
  expect((await run).exitCode).toBe(130);
  expect(await containersOf(project.function)).toEqual([]);
});

test("an image without the emulator is tested and invoked with one that is mounted", async () => {
  const other = await makeProject();
  onTestFinished(() => other.remove());
  await mkimageJson(["build", ...CELL, "--no-rie"], { cwd: other.folder });
  const tested = await mkimage(["test", ...CELL, "--no-rie"], { cwd: other.folder });
  expect(tested.exitCode, tested.stderr).toBe(0);
  const args = ["invoke", ...CELL, "--no-rie", '{"inputs":"hello world"}'];
  const { reply } = await mkimageJson<{ reply: number[] }>(args, { cwd: other.folder });
  expect(reply).toHaveLength(384);
  await rm(join(other.folder, "models"), { recursive: true });
});
