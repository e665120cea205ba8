import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, readdir, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { identify, isRunning, type ProcessId } from "../../../build/processes/process-id.ts";
import { sweep } from "../../../build/sweep.ts";
import { temporaryFolder, writeTree } from "../../support/folder.ts";

const MODULE = join(import.meta.dirname, "../../../build/leftovers/run-record.ts");
const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

let cache: string;
let scratch: string;
let said: string;

beforeEach(async () => {
  [cache, scratch, said] = [await temporaryFolder(), await temporaryFolder(), ""];
  vi.stubEnv("MKIMAGE_CACHE", cache);
  vi.spyOn(process.stderr, "write").mockImplementation((line) => {
    said += line;
    return true;
  });
});

/** A process that runs this with the module's exports; it prints one line of JSON when it is ready, and goes on. */
async function runWith<T>(script: string) {
  const code = `import * as record from ${JSON.stringify(MODULE)}; import { spawn } from "node:child_process";
    const lasting = () => new Promise((resolve) => record.withScratch("mkimage-test-", (folder) => {
      resolve(folder);
      return new Promise(() => {});
    }));
    console.log(JSON.stringify(await (async () => { ${script} })())); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
    env: { ...process.env, TMPDIR: scratch },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = await once(child.stdout, "data");
  const kill = async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { kill, pid: child.pid, ready: JSON.parse(line) as T };
}

/** A process that makes and removes temporary folders without end. */
const startLoop = () =>
  runWith<number>(`
    setTimeout(async () => {
      for (;;) await record.withScratch("mkimage-test-", async () => {});
    }, 0);
    return 0;`);

const LEAVES = `
  const { pid } = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
  record.noteProcess(pid);
  return { folder: await lasting(), pid };`;

describe("what a run has outside of the cache", () => {
  test("stays while the run is alive", async () => {
    const run = await runWith<{ folder: string; pid: number }>(LEAVES);
    onTestFinished(() => void process.kill(run.ready.pid, "SIGKILL"));
    await sweep();
    expect(said).toBe("");
    expect(await exists(run.ready.folder)).toBe(true);
    expect(identify(run.ready.pid)).toBeDefined();
  });

  test("is ended and removed when the run was killed, and that is said once", async () => {
    const run = await runWith<{ folder: string; pid: number }>(LEAVES);
    const child = identify(run.ready.pid) as ProcessId;
    await run.kill();
    await sweep();
    expect(said).toBe(`cleaned up after a run that was killed (process ${run.pid})\n`);
    expect(await exists(run.ready.folder)).toBe(false);
    expect(isRunning(child)).toBe(false);
    await sweep();
    expect(said.split("\n")).toHaveLength(2);
    expect(await readdir(join(cache, "runs"))).toEqual([]);
  });

  test("is not in the record any more when the run has removed it itself", async () => {
    await runWith(`
      const ended = record.noteProcess(process.pid);
      await record.withScratch("mkimage-test-", async () => {});
      ended();
      return 0;`);
    expect(await readdir(join(cache, "runs"))).toEqual([]);
    expect(await readdir(scratch)).toEqual([]);
  });
});

test("a cache that cannot be written to is no reason to stop", async () => {
  await writeFile(join(cache, "runs"), "in the way");
  const { ready } = await runWith<string>(`return lasting();`);
  expect(await exists(ready)).toBe(true);
});

/** A record as a killed run leaves it. */
const leave = (owner: ProcessId, processes: readonly ProcessId[]) =>
  writeTree(cache, {
    "runs/left.json": JSON.stringify({
      owner,
      leftovers: [...processes.map((id) => ({ kind: "process", id })), { kind: "folder", path: scratch }],
    }),
  });

const own = identify(process.pid) as ProcessId;
const ended: ProcessId = { ...own, started: own.started.replace(/\d+$/, "1") };

test("a process that has taken the number of one that was left behind is not ended", async () => {
  const child = spawn("sleep", ["60"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "spawn");
  const other = identify(child.pid as number) as ProcessId;
  await leave(ended, [{ ...other, started: ended.started }]);
  await sweep();
  expect(isRunning(other)).toBe(true);
  expect(await exists(scratch)).toBe(false);
});

/** The address of an engine that notes what is asked of it; what it has not made yet, it does not find. */
async function fakeEngine(isThere = () => true): Promise<{ host: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(({ method, url = "" }, response) => {
    asked.push(`${method} ${decodeURIComponent(url)}`);
    if (method === "DELETE" && !isThere()) response.writeHead(404);
    response.end('{"message":"OK"}');
  }).listen(join(scratch, "engine.sock"));
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { host: `unix://${join(scratch, "engine.sock")}`, asked };
}

const inEngine = {
  owner: ended,
  leftovers: [
    { kind: "image", reference: "shop/embed:run-1-alpine-arm64" },
    { kind: "container", name: "mkimage-1" },
    { kind: "container", name: "mkimage-2" },
  ],
};

test("its containers, those made last first, and then the names that its images arrived under are removed from the engine", async () => {
  const { host, asked } = await fakeEngine();
  vi.stubEnv("DOCKER_HOST", host);
  await writeTree(cache, { "runs/left.json": inEngine });
  await sweep();
  expect(asked.filter((each) => !each.endsWith("/_ping"))).toEqual([
    "DELETE /containers/mkimage-2?force=true&v=true",
    "DELETE /containers/mkimage-1?force=true&v=true",
    "DELETE /images/shop/embed:run-1-alpine-arm64?noprune=true",
  ]);
  expect(await readdir(join(cache, "runs"))).toEqual([]);
});

test("a container that the engine was still making when the run was killed is removed; after a while it is not waited for", async () => {
  let times = 0;
  const { host, asked } = await fakeEngine(() => ++times > 3);
  vi.stubEnv("DOCKER_HOST", host);
  const record = { owner: ended, leftovers: [{ kind: "container", name: "mkimage-1" }] };
  await writeTree(cache, { "runs/left.json": record });
  await sweep();
  const removals = () => asked.filter((each) => each.startsWith("DELETE")).length;
  expect(removals()).toBe(4);
  times = -1000;
  await writeTree(cache, { "runs/left.json": record });
  await utimes(join(cache, "runs/left.json"), 0, 0);
  await sweep();
  expect(removals()).toBe(5);
  expect(await readdir(join(cache, "runs"))).toEqual([]);
});

test("what is in an engine that does not answer is left for later, and the command goes on", async () => {
  vi.stubEnv("DOCKER_HOST", `unix://${join(scratch, "nothing.sock")}`);
  await writeTree(cache, { "runs/left.json": inEngine });
  await sweep();
  expect(said).toBe("");
  expect(await readdir(join(cache, "runs"))).toEqual(["left.json"]);
});

test("what a run on another machine has is left alone, and so is a record that cannot be read", async () => {
  await leave({ ...ended, where: "elsewhere" }, []);
  await writeFile(join(cache, "runs", "other.json"), "{");
  await sweep();
  expect(said).toBe("");
  expect(await exists(scratch)).toBe(true);
});

test("a record that a killed run was writing is removed; that of a living one, and one just begun, stay", async () => {
  const record = (owner: ProcessId) => JSON.stringify({ owner, leftovers: [] });
  await writeTree(cache, {
    "runs/a.json.killed": record(ended),
    "runs/b.json.living": record(own),
    "runs/c.json.begun": "{",
    "runs/d.json.old": "{",
  });
  await utimes(join(cache, "runs/d.json.old"), 0, 0);
  await sweep();
  expect((await readdir(join(cache, "runs"))).sort()).toEqual(["b.json.living", "c.json.begun"]);
});

test("a temporary folder is in the record before it is made", async () => {
  const begun = Array.from({ length: 20 }, async (_, index) => {
    const run = await startLoop();
    await delay(index * 3);
    await run.kill();
  });
  await Promise.all(begun);
  // A record of which only a part was written goes when it is old.
  for (const name of await readdir(join(cache, "runs"))) await utimes(join(cache, "runs", name), 0, 0);
  await sweep();
  expect(await readdir(scratch)).toEqual([]);
  expect(await readdir(join(cache, "runs"))).toEqual([]);
}, 30_000);
