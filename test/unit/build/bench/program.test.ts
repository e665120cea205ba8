import { execa } from "execa";
import { expect, test } from "vitest";
import { PROGRAM } from "../../../../build/bench/program.ts";
import { temporaryFolder } from "../../../support/folder.ts";

/** A function that waits so long for each answer, and tells the steps of its start. */
const SLEEPER = `
if (process.env.FIRST) process.stderr.write(process.env.FIRST + "\\n");
process.stderr.write(JSON.stringify({ level: "DEBUG", milliseconds: { node: 12, session: 3, tokenizer: 1 }, message: "started" }) + "\\n");
const api = "http://" + process.env.AWS_LAMBDA_RUNTIME_API + "/2018-06-01/runtime/invocation/";
for (;;) {
  const next = await fetch(api + "next");
  const { sleep, fail } = await next.json();
  if (fail === "exit") process.exit(7);
  await new Promise((done) => setTimeout(done, sleep));
  const path = api + next.headers.get("lambda-runtime-aws-request-id");
  if (fail) await fetch(path + "/error", { method: "POST", body: JSON.stringify({ errorType: "Odd", errorMessage: "no" }) });
  else await fetch(path + "/response", { method: "POST", body: "[1]" });
}`;

async function measure(event: object, counts: { cold: number; warm: number; limit?: number; env?: object }) {
  const folder = await temporaryFolder({ "sleeper.mjs": SLEEPER });
  const command = [process.execPath, `${folder}/sleeper.mjs`];
  const task = { command, env: {}, event: JSON.stringify(event), warmUp: 2, ...counts };
  const { stdout } = await execa(process.execPath, ["--eval", PROGRAM], { input: JSON.stringify(task) });
  return JSON.parse(stdout);
}

test("a program that sleeps 20 ms is measured as one, within a twentieth", async () => {
  const { starts, calls, peakMB } = await measure({ sleep: 20 }, { cold: 2, warm: 15 });
  expect(calls).toHaveLength(15);
  const median = calls.toSorted((a: number, b: number) => a - b)[7];
  // A timer never ends early; what it ends late is this machine's.
  expect(median).toBeGreaterThanOrEqual(19.5);
  expect(median).toBeLessThan(40);
  expect(starts).toEqual([
    { milliseconds: expect.any(Number), steps: { node: 12, session: 3, tokenizer: 1 } },
    { milliseconds: expect.any(Number), steps: { node: 12, session: 3, tokenizer: 1 } },
  ]);
  expect(starts[0].milliseconds).toBeGreaterThan(20);
  expect(peakMB).toBeGreaterThan(10);
});

test("a function that answers with an error, or ends, is a fault", async () => {
  const failed = await measure({ sleep: 0, fail: true }, { cold: 1, warm: 1 });
  expect(failed.fault).toContain('"errorType":"Odd"');
  const ended = await measure({ sleep: 0, fail: "exit" }, { cold: 1, warm: 1 });
  expect(ended.fault).toContain("the program ended with exit code 7");
});

test("a function that never answers is a fault when its time is over", async () => {
  const { fault } = await measure({ sleep: 60_000 }, { cold: 1, warm: 1, limit: 400 });
  expect(fault).toBe("it has not answered within 0.4 s");
});

test("a line that only looks like the steps of a start is passed over", async () => {
  const env = { FIRST: '{"milliseconds":{"node":},"message":"started"}' };
  const { starts } = await measure({ sleep: 0 }, { cold: 1, warm: 1, env });
  expect(starts).toHaveLength(1);
});
