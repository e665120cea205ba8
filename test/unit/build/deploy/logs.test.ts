import { expect, test, vi } from "vitest";

vi.mock("node:timers/promises", () => ({
  setTimeout: async (_: number, value: unknown, { signal }: { signal: AbortSignal }) => {
    signal.throwIfAborted();
    return value;
  },
}));

import type { CloudWatchLogs, LogEvent, LogQuery } from "../../../../build/clients/cloudwatch-logs.ts";
import { readLog } from "../../../../build/deploy/logs.ts";

const event = (time: number, message: string, id = `${time}`): LogEvent => ({
  id,
  time,
  message,
  stream: "s",
});

/** Gives one list of events after the other, and notes what was asked; then `end` is called. */
function fakeLogs(pages: LogEvent[][], end: () => void = () => {}) {
  const asked: LogQuery[] = [];
  const logs = {
    async *events(query: LogQuery) {
      asked.push(query);
      const page = pages.shift();
      if (!page) return end();
      yield* page;
    },
  } as unknown as CloudWatchLogs;
  return { logs, asked };
}

const QUERY = { group: "/aws/lambda/embed", since: 1000 };

test("a log is read once, in the order of time", async () => {
  const { logs, asked } = fakeLogs([[event(1005, "b"), event(1001, "a")]]);
  const read = [];
  const { signal } = new AbortController();
  for await (const { message } of readLog(logs, QUERY, { follow: false, signal })) read.push(message);
  expect(read).toEqual(["a", "b"]);
  expect(asked).toHaveLength(1);
});

test("a log that is followed gives each event once, also one that arrives late, until it is aborted", async () => {
  const abort = new AbortController();
  const pages = [
    [event(100_000, "a")],
    [event(100_000, "a"), event(99_000, "late")],
    [event(100_000, "b", "")],
  ];
  const { logs, asked } = fakeLogs(pages, () => abort.abort(new Error("end")));
  const read: string[] = [];
  const reading = (async () => {
    for await (const { message } of readLog(logs, QUERY, { follow: true, signal: abort.signal }))
      read.push(message);
  })();
  const ended = expect(reading).rejects.toThrow();
  await ended;
  expect(read).toEqual(["a", "late", "b"]);
  expect(asked.map(({ since }) => since)).toEqual([1000, 70_000, 70_000, 70_000]);
});

test("a busy function's log is followed, whatever its length", async () => {
  const abort = new AbortController();
  const many = Array.from({ length: 200_000 }, (_, index) => event(100_000 + index, "a"));
  const { logs, asked } = fakeLogs([many, []], () => abort.abort(new Error("end")));
  let count = 0;
  const reading = (async () => {
    for await (const _ of readLog(logs, QUERY, { follow: true, signal: abort.signal })) count += 1;
  })();
  await expect(reading).rejects.toThrow("end");
  expect(count).toBe(200_000);
  expect(asked.map(({ since }) => since)).toEqual([1000, 269_999, 269_999]);
});
