import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { COMMIT, type HubProject, hubProject, READY, SPEC, tinyRepo } from "../support/hub-project.ts";

const MODEL = "onnx/model.onnx";
const sha256 = (content: Buffer | string) => createHash("sha256").update(content).digest("hex");

/** Every blob is what its name says, and nothing unfinished lies beside them. */
async function expectIntact(project: HubProject): Promise<void> {
  for (const path of await project.cached("blobs"))
    expect(sha256(await readFile(path)), path).toBe(path.split("/").at(-1));
  for (const path of await readdir(join(project.cache, "trees")).catch(() => []))
    expect(path).toMatch(/^[0-9a-f]{64}$/);
}

describe("what does not exist", () => {
  test.each([
    {
      what: "a repository",
      source: "hf:acme/nope",
      says: "No model acme/nope on 127.0.0.1",
      hint: "For a private one: Log in",
    },
    {
      what: "a repository, with a token",
      source: "hf:acme/nope",
      token: "hf_x",
      says: "No model acme/nope on",
      hint: "the token that is set cannot see it",
    },
    {
      what: "a revision",
      source: "hf:acme/tiny@v9",
      says: 'hf:acme/tiny has no revision "v9"',
      hint: "a branch, a tag or a commit",
    },
  ])("$what: exit code 2", async ({ source, token, says, hint }) => {
    const project = await hubProject({ locked: false });
    await project.write("models/tiny.json", { ...SPEC, source });
    const { exitCode, stderr } = await project.run(["lock"], { HF_TOKEN: token });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(says);
    expect(stderr).toContain(hint);
    expect(
      await project.run(["models", "add", source, "--task", "feature-extraction"], { HF_TOKEN: token }),
    ).toMatchObject({ exitCode: 2 });
    expect(await readdir(join(project.folder, "models"))).toEqual(["tiny.json"]);
  });

  test("a file: exit code 2, and which there are", async () => {
    const project = await hubProject({ locked: false });
    await project.write("models/tiny.json", {
      ...SPEC,
      files: { "model.onnx": "onnx/model_int4.onnx", "tokenizer.json": "tokenizer.json" },
    });
    const { exitCode, stderr } = await project.run(["lock"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      "No file onnx/model_int4.onnx in hf:acme/tiny\nIt has: onnx/model.onnx, onnx/model_quantized.onnx.",
    );
    const add = await project.run([
      "models",
      "add",
      "hf:acme/tiny",
      "--task",
      "feature-extraction",
      "--onnx",
      "x.onnx",
      "--force",
    ]);
    expect(add).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("Choose one with --onnx PATH"),
    });
  });

  test("a locked commit that the hub no longer has: exit code 2", async () => {
    const project = await hubProject();
    const { [COMMIT]: files = {} } = project.hub.repos["acme/tiny"]?.commits ?? {};
    (project.hub.repos["acme/tiny"] as { commits: object }).commits = { ["b".repeat(40)]: files };
    const { exitCode, stderr } = await project.run(READY);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`has no revision "${COMMIT}"`);
  });
});

describe("what may not be had", () => {
  test.each([
    {
      what: "a gated model without a token",
      token: undefined,
      says: "hf:acme/tiny is gated: it needs a token",
      hint: "Ask for access at http",
    },
    {
      what: "a gated model with another user's token",
      token: "hf_other",
      says: "is gated: this token's user has no access",
      hint: "Ask for access at http",
    },
    {
      what: "any model with a token that has expired",
      token: "hf_expired",
      says: "does not accept the token (401)",
      hint: "hf auth login",
    },
  ])("$what: exit code 3", async ({ token, says, hint }) => {
    const project = await hubProject({ locked: false, repo: { ...tinyRepo(), gated: "hf_right" } });
    const { exitCode, stderr } = await project.run(["lock"], { HF_TOKEN: token });
    expect(exitCode).toBe(3);
    expect(stderr).toContain(says);
    expect(stderr).toContain(hint);
    if (token) expect(stderr).not.toContain(token);
  });
});

describe("content that is not the locked one", () => {
  test("is kept aside, exit code 1, and the good state stays", async () => {
    const project = await hubProject();
    const lock = await project.read("models/lock.json");
    const other = randomBytes(3_000_000);
    project.hub.faults[MODEL] = { instead: other };
    const { exitCode, stdout, stderr } = await project.run(READY);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(
      `model.onnx of model "tiny" has sha256 ${sha256(other)}, the lock says ${sha256(project.model)}`,
    );
    const aside = join(project.cache, "rejected", sha256(other));
    expect(stderr).toContain(aside);
    expect((await stat(aside)).size).toBe(3_000_000);
    expect(await project.read("models/lock.json")).toBe(lock);
    await expectIntact(project);
    delete project.hub.faults[MODEL];
    expect(await project.run(READY)).toMatchObject({ exitCode: 0 });
  });

  test("in the cache is noticed before it is used", async () => {
    const project = await hubProject();
    await project.run(READY);
    const blob = join(project.cache, "blobs/sha256", sha256(project.model));
    const damaged = Buffer.from(project.model);
    damaged[100] = (damaged[100] ?? 0) ^ 1;
    await writeFile(blob, damaged);
    const verified = await project.run(["models", "verify"]);
    expect(verified).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("1 of 2 files") });
    expect(await project.cached("rejected")).toEqual([join(project.cache, "rejected", sha256(damaged))]);
    expect(await project.run(READY)).toMatchObject({ exitCode: 0 });
    expect(await project.run(["models", "verify"])).toMatchObject({ exitCode: 0 });

    await writeFile(blob, damaged);
    const { exitCode, stderr } = await project.run(READY);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain("model.onnx in the cache was damaged");
    for (const path of await project.cached("trees")) {
      if (path.endsWith("/model.onnx")) expect(sha256(await readFile(path))).toBe(sha256(project.model));
    }
  });
});

describe("a connection that", () => {
  test.each([
    {
      what: "ends early is taken up where it ended",
      fault: { cutAfter: 1_000_000, times: 2 },
      least: 3_000_000,
      most: 3_200_000,
    },
    {
      what: "ends early at a server without ranges starts again",
      fault: { cuts: [1_000_000], noRange: true },
      least: 3_900_000,
      most: 4_100_000,
    },
    {
      what: "is refused for a moment is tried again",
      fault: { status: 503, times: 2 },
      least: 3_000_000,
      most: 3_000_000,
    },
    {
      what: "is refused for too many requests waits as long as it is told",
      fault: { status: 429, headers: { "retry-after": "1" }, times: 1 },
      least: 3_000_000,
      most: 3_000_000,
    },
  ])("$what", async ({ fault, least, most }) => {
    const project = await hubProject();
    project.hub.faults[MODEL] = { ...fault };
    const { exitCode, stderr } = await project.run(READY);
    expect(exitCode, stderr).toBe(0);
    const sent = project.hub.sent(MODEL);
    expect(sent).toBeGreaterThanOrEqual(least);
    expect(sent).toBeLessThanOrEqual(most);
    await expectIntact(project);
  });

  test("brings nothing any more ends with exit code 3, and the next run goes on", async () => {
    const project = await hubProject();
    project.hub.faults[MODEL] = { cutAfter: 0 };
    expect(await project.run(READY)).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining("Cannot fetch onnx/model.onnx of hf:acme/tiny"),
    });
    project.hub.faults[MODEL] = { status: 500 };
    expect(await project.run(READY)).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("500") });
    await expectIntact(project);
    delete project.hub.faults[MODEL];
    expect(await project.run(READY)).toMatchObject({ exitCode: 0 });
  });

  test("Ctrl-C ends is gone on with by the next run", async () => {
    const project = await hubProject();
    project.hub.faults[MODEL] = { pause: 100 };
    const run = project.start(READY);
    while (project.hub.sent(MODEL) < 1_000_000) await sleep(50);
    run.kill("SIGINT");
    expect(await run).toMatchObject({ exitCode: 130, stdout: "" });
    const [part = ""] = (await project.cached("partial")).filter(Boolean);
    const kept = (await stat(part)).size;
    expect(kept).toBeGreaterThan(500_000);
    await expectIntact(project);
    delete project.hub.faults[MODEL];
    project.hub.seen.length = 0;
    expect(await project.run(READY)).toMatchObject({ exitCode: 0 });
    expect(project.hub.sent(MODEL)).toBe(3_000_000 - kept);
    expect(await project.cached("partial")).toEqual([]);
  });

  test("was killed leaves no lock behind for long, and damage in what came is noticed", async () => {
    const project = await hubProject();
    project.hub.faults[MODEL] = { pause: 100 };
    const run = project.start(READY);
    while (project.hub.sent(MODEL) < 1_000_000) await sleep(50);
    run.kill("SIGKILL");
    await run;
    delete project.hub.faults[MODEL];
    const [part = ""] = await project.cached("partial");
    await writeFile(part, randomBytes((await stat(part)).size));
    const { exitCode, stderr } = await project.run(READY);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain("what a former run had left was damaged");
    await expectIntact(project);
  });
});

describe("no network", () => {
  const gone = { HF_ENDPOINT: "http://127.0.0.1:65530" };

  test("and an empty cache: exit code 3, with what to check", async () => {
    const project = await hubProject();
    const empty = { MKIMAGE_CACHE: join(project.folder, "empty") };
    const { exitCode, stderr } = await project.run(READY, { ...gone, ...empty });
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /Cannot fetch (?:onnx\/model\.onnx|tokenizer\.json) of hf:acme\/tiny: .*127\.0\.0\.1:65530\nCheck the network/,
    );
    expect(await project.run(READY, { HF_HUB_OFFLINE: "1", ...empty })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining("HF_HUB_OFFLINE is set"),
    });
    expect(await project.run(["lock"], gone)).toMatchObject({ exitCode: 3 });
  });

  test("and a filled cache: nothing is missing", async () => {
    const project = await hubProject();
    await project.run(READY);
    expect(await project.run(READY, gone)).toMatchObject({ exitCode: 0 });
  });

  test("but the page of a proxy: exit code 3", async () => {
    const project = await hubProject({ locked: false });
    const proxy = createServer((_, response) => response.end("<html>Log in</html>"));
    await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
    onTestFinished(() => void proxy.close());
    const { exitCode, stderr } = await project.run(["lock"], {
      HF_ENDPOINT: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    });
    expect(exitCode, stderr).toBe(3);
    expect(stderr).toContain("does not answer as the Hugging Face hub does");
  });

  test("an endpoint that is no address: exit code 2", async () => {
    const project = await hubProject();
    expect(await project.run(["lock"], { HF_ENDPOINT: "huggingface.co" })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("HF_ENDPOINT"),
    });
  });
});

describe.runIf(process.getuid?.() === 0 && process.platform === "linux")("a full disk", () => {
  /** A cache on a file system of its own, of so many bytes. */
  async function smallDisk({ folder }: HubProject, size: number): Promise<string> {
    const cache = join(folder, "small");
    await mkdir(cache);
    await execa("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", cache]);
    onTestFinished(async () => {
      await execa("umount", [cache], { reject: false });
    });
    return cache;
  }

  test("is noticed before a byte is fetched: exit code 3", async () => {
    const project = await hubProject();
    const cache = await smallDisk(project, 2_000_000);
    const { exitCode, stderr } = await project.run(READY, { MKIMAGE_CACHE: cache });
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/needs 3\.0 MB, and the cache's disk has [\d.]+ [kM]B\nFree space/);
    expect(project.hub.sent(MODEL)).toBe(0);
  });

  test("in the middle: exit code 3, the rest of the cache stays", async () => {
    const project = await hubProject();
    const cache = await smallDisk(project, 4_000_000);
    await writeFile(join(project.folder, "model.onnx"), randomBytes(5_000_000));
    await writeFile(join(project.folder, "tokenizer.json"), "{}");
    const files = { "model.onnx": "model.onnx", "tokenizer.json": "tokenizer.json" };
    await project.write("models/tiny.json", { ...SPEC, source: "file:.", files });
    const { exitCode, stderr } = await project.run(["lock"], { MKIMAGE_CACHE: cache });
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/Cannot \w+ .*: no space left on device\nFree space/);
    expect((await readdir(join(cache, "blobs/sha256"))).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

test("a cache whose content is cut is mended", async () => {
  const project = await hubProject();
  await project.run(READY);
  await truncate(join(project.cache, "blobs/sha256", sha256(project.model)), 10);
  expect(await project.run(READY)).toMatchObject({ exitCode: 0 });
  await expectIntact(project);
});
