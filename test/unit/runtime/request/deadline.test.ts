import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { beforeDeadline } from "../../../../runtime/request/deadline.ts";

test("work that is done in time gives its result", async () => {
  expect(await beforeDeadline(Date.now() + 10_000, async () => 1)).toBe(1);
});

/** The margin of 100 ms is real time: a busy machine gets another chance. */
const TIMED = { retry: 3 };

test("work that waits too long is given up before the deadline", TIMED, async () => {
  const deadline = Date.now() + 150;
  await expect(beforeDeadline(deadline, () => sleep(5000, 1, { ref: false }))).rejects.toMatchObject({
    name: "Runtime.DeadlineExceeded",
    status: 504,
  });
  expect(Date.now()).toBeLessThan(deadline);
});

test("work that holds the thread stops at the check after the time is up", TIMED, async () => {
  let pieces = 0;
  const work = beforeDeadline(Date.now() + 150, async (checkTime) => {
    for (; pieces < 1000; pieces++) {
      checkTime();
      const until = performance.now() + 10;
      while (performance.now() < until);
    }
  });
  await expect(work).rejects.toThrow("before the deadline");
  expect(pieces).toBeLessThan(20);
});

test("a piece of work that would end too late is not begun", TIMED, async () => {
  const deadline = Date.now() + 250;
  const work = beforeDeadline(deadline, async (checkTime) => {
    for (;;) {
      checkTime();
      const until = performance.now() + 80;
      while (performance.now() < until);
    }
  });
  await expect(work).rejects.toThrow("before the deadline");
  expect(Date.now()).toBeLessThan(deadline - 100);
});

test("an error of the work is its own", async () => {
  const work = () => Promise.reject(new TypeError("mine"));
  await expect(beforeDeadline(Date.now() + 10_000, work)).rejects.toThrow("mine");
});

test("without a deadline there is none", async () => {
  const work = async (checkTime: () => void) => checkTime();
  await expect(beforeDeadline(Infinity, work)).resolves.toBeUndefined();
});

test("a deadline further away than a timer can count is no deadline now", async () => {
  await expect(beforeDeadline(Date.now() + 2 ** 40, () => sleep(5, 1))).resolves.toBe(1);
});
