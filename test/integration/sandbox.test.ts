import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExecaError } from "execa";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { connectDocker } from "../../build/clients/docker.ts";
import { withSandbox } from "../../build/smoke/sandbox.ts";
import { containersOf, docker, dockerLines, eventually } from "../support/engine.ts";
import { buildInPlace } from "../support/image.ts";
import { mkimage, mkimageJson, startMkimage } from "../support/mkimage.ts";
import { MODEL, makeProject, type Project } from "../support/project.ts";

const CELL = ["--os", "debian", "--arch", "amd64"];
const { signal } = new AbortController();

let project: Project;
let reference: string;
const inProject = () => ({ cwd: project.folder });

beforeAll(async () => {
  project = await makeProject();
  reference = `${project.repository}:debian-amd64`;
  await mkimageJson(["build", ...CELL], inProject());
});
afterAll(() => project?.remove());

describe("inside", () => {
  /** What a program in the sandbox finds, and how the engine describes the container. */
  const lookInside = async (script: string): Promise<{ seen: never; host: never; user: string }> => {
    const image = { reference, arch: "amd64", memory: 1769, function: project.function } as const;
    return withSandbox(await connectDocker(), image, { signal }, async () => {
      const [id] = await containersOf(project.function);
      const [facts] = JSON.parse(await docker("inspect", id as string));
      const seen = JSON.parse(await docker("exec", id as string, "/usr/local/bin/node", "--eval", script));
      return { seen: seen as never, host: facts.HostConfig as never, user: facts.Config.User };
    });
  };

  test("the engine gives no more than Lambda does", async () => {
    const { host, user } = await lookInside("console.log('null')");
    expect(user).toBe("993:990");
    expect(host).toMatchObject({
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      NetworkMode: "none",
      SecurityOpt: ["no-new-privileges"],
      Memory: 1769 * 1024 * 1024,
      MemorySwap: 1769 * 1024 * 1024,
      Privileged: false,
      Binds: null,
      PortBindings: {},
    });
  });

  test("a program is unprivileged, without capabilities and without network", async () => {
    const { seen } = await lookInside(`
      const status = require("node:fs").readFileSync("/proc/self/status", "utf8");
      const field = (name) => new RegExp(name + ":\\\\s+(\\\\S+)").exec(status)[1];
      console.log(JSON.stringify({
        uid: process.getuid(), gid: process.getgid(),
        capabilities: ["CapEff", "CapPrm", "CapBnd"].map(field), noNewPrivileges: field("NoNewPrivs"),
        interfaces: Object.keys(require("node:os").networkInterfaces()),
      }));`);
    expect(seen).toEqual({
      uid: 993,
      gid: 990,
      capabilities: Array(3).fill("0000000000000000"),
      noNewPrivileges: "1",
      interfaces: ["lo"],
    });
  });

  test("only /tmp can be written, and no more than 512 MB", async () => {
    const { seen } = await lookInside(`
      const fs = require("node:fs");
      const write = (path) => { try { fs.writeFileSync(path, "x"); return "ok"; } catch ({ code }) { return code; } };
      const { bsize, blocks } = fs.statfsSync("/tmp");
      console.log(JSON.stringify({
        written: ["/x", "/var/task/x", "/opt/models/x", "/tmp/x"].map(write), megabytes: bsize * blocks / 1024 / 1024,
      }));`);
    expect(seen).toEqual({ written: ["EROFS", "EROFS", "EROFS", "ok"], megabytes: 512 });
  });
});

describe("mkimage test removes its container", () => {
  test("when the image passes", async () => {
    const { exitCode, stdout, stderr } = await mkimage(["test", ...CELL], inProject());
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain(reference);
    expect(await containersOf(project.function)).toEqual([]);
  });

  test("when the answer is not the expected one, and says by how much", async () => {
    const path = join(project.folder, "models", `${MODEL}.json`);
    const before = await readFile(path, "utf8");
    onTestFinished(() => writeFile(path, before));
    const spec = JSON.parse(before);
    spec.samples[0].expected[0] += 0.5;
    await writeFile(path, JSON.stringify(spec));
    const { exitCode, stdout, stderr } = await mkimage(["test", ...CELL], inProject());
    expect(stderr).toContain("0.500 away from the expected one");
    expect(stderr).toContain(reference);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(new RegExp(`^${reference} +failed `, "m"));
    expect(await containersOf(project.function)).toEqual([]);
  });

  test("when the function ends at once, and shows its log", async () => {
    const other = await makeProject();
    onTestFinished(() => other.remove());
    await buildInPlace(
      other.folder,
      { os: ["debian"], arch: ["amd64"] },
      `FROM debian:trixie-slim\nENTRYPOINT ["sh", "-c", "echo the reason >&2; exit 7"]\n`,
    );
    const { exitCode, stderr } = await mkimage(["test", ...CELL], { cwd: other.folder });
    expect(stderr).toContain("the reason");
    expect(stderr).toContain("exit code 7");
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(exitCode).toBe(1);
    expect(await containersOf(other.function)).toEqual([]);
  });

  test("when Ctrl-C is pressed", async () => {
    // Nothing answers in it, so the test is still waiting when the key is pressed.
    const silent = await makeProject();
    onTestFinished(() => silent.remove());
    await buildInPlace(
      silent.folder,
      { os: ["debian"], arch: ["amd64"] },
      `FROM node:24-trixie-slim\nENTRYPOINT ["sleep", "600"]\n`,
    );
    const run = startMkimage(["test", ...CELL], { cwd: silent.folder });
    await eventually(async () => ((await containersOf(silent.function)).length > 0 ? true : undefined));
    const pressed = performance.now();
    process.kill(-(run.pid as number), "SIGINT");
    const { exitCode, stdout } = await run;
    // Far below the minute that it waits for an answer.
    expect(performance.now() - pressed).toBeLessThan(20_000);
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: "" });
    expect(await containersOf(silent.function)).toEqual([]);
  });
});

test("a program that the system's libraries cannot start fails the test before anything is run", async () => {
  const other = await makeProject();
  onTestFinished(() => other.remove());
  await buildInPlace(
    other.folder,
    { os: ["amazonlinux"], arch: ["amd64"] },
    `FROM debian:trixie-slim AS new\nFROM scratch\nCOPY --from=new /usr/bin/ls /opt/too-new\nENTRYPOINT ["/opt/too-new"]\n`,
  );
  const args = ["test", "--os", "amazonlinux", "--arch", "amd64"];
  const { exitCode, stderr } = await mkimage(args, { cwd: other.folder });
  expect(stderr).toMatch(/symbol-versions: .*\n +\/opt\/too-new needs GLIBC_2\.3\d; newest is GLIBC_2\.34/);
  expect(exitCode).toBe(1);
});

describe("plain docker run", () => {
  const runDetached = async (image: string): Promise<string> => {
    const id = await docker("run", "--detach", "--publish", "127.0.0.1::8080", image);
    onTestFinished(async () => void (await docker("rm", "--force", "--volumes", id)));
    return id;
  };

  test("answers a POST, since the emulator is in the image", async () => {
    const id = await runDetached(reference);
    const address = await docker("port", id, "8080/tcp");
    const post = () =>
      fetch(`http://${address}/2015-03-31/functions/function/invocations`, {
        method: "POST",
        body: JSON.stringify({ inputs: "hello world" }),
      }).catch(() => undefined);
    const response = await eventually(post);
    expect(response.status).toBe(200);
    const body = await response.text();
    expect(JSON.parse(body)).toHaveLength(384);
    expect(Math.hypot(...JSON.parse(body))).toBeCloseTo(1, 3);
  });

  test("of an image without the emulator says what is missing", async () => {
    const other = await makeProject();
    onTestFinished(() => other.remove());
    await mkimageJson(["build", ...CELL, "--no-rie"], { cwd: other.folder });
    const image = `${other.repository}:debian-amd64`;
    expect(await dockerLines("run", "--rm", "--entrypoint", "ls", image, "/usr/local/bin")).toEqual(["node"]);
    const started = await docker("run", "--rm", image).catch((error: ExecaError) => error);
    expect(started).toMatchObject({ exitCode: 1 });
    expect(started).toHaveProperty(
      "stderr",
      expect.stringContaining("carries no runtime interface emulator"),
    );
  });
});
