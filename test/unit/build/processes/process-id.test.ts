import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { identify, isRunning, type ProcessId } from "../../../../build/processes/process-id.ts";

const own = identify(process.pid) as ProcessId;

test("a process is recognized while it runs", async () => {
  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  const id = identify(child.pid as number) as ProcessId;
  expect(id).toEqual(identify(child.pid as number));
  expect(isRunning(id)).toBe(true);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isRunning(id)).toBe(false);
  expect(identify(child.pid as number)).toBeUndefined();
});

test("a process that was started at another time, or before this boot, is another one", () => {
  const [boot, ticks] = own.started.split(" ");
  expect(isRunning({ ...own, started: `${boot} ${Number(ticks) - 1}` })).toBe(false);
  expect(isRunning({ ...own, started: `another-boot ${ticks}` })).toBe(false);
});

test("nothing is said of a process of another machine", () => {
  expect(isRunning({ ...own, where: "elsewhere pid:[1]" })).toBeUndefined();
});
