import { expect, test } from "vitest";
import { memoryReturn } from "../../../../runtime/environment/garbage.ts";

/** A process whose memory is as told, and goes back to `kept` when it is collected. */
function processOf(memory: { used: number; kept: number }) {
  const clock = { time: 0 };
  let collected = 0;
  const giveBack = memoryReturn({
    used: () => memory.used,
    now: () => clock.time,
    async collectAll() {
      collected++;
      clock.time += 20;
      memory.used = Math.min(memory.used, memory.kept);
    },
  });
  return { memory, clock, giveBack, collections: () => collected };
}

test("memory that has hardly grown is left alone", async () => {
  const { giveBack, memory, collections } = processOf({ used: 100, kept: 100 });
  memory.used = 111;
  await giveBack();
  expect(collections()).toBe(0);
});

test("what a large event took is given back once", async () => {
  const { giveBack, memory, collections } = processOf({ used: 100, kept: 102 });
  memory.used = 300;
  await giveBack();
  await giveBack();
  expect(memory.used).toBe(102);
  expect(collections()).toBe(1);
});

test("memory that does not go back counts as needed after a few attempts", async () => {
  const { giveBack, memory, collections } = processOf({ used: 100, kept: 300 });
  memory.used = 300;
  for (let call = 0; call < 10; call++) await giveBack();
  expect(collections()).toBe(3);
});

test("events that take memory again and again lose a fiftieth of the time to it at most", async () => {
  const { giveBack, memory, clock, collections } = processOf({ used: 100, kept: 100 });
  const [event, events] = [30, 1000];
  for (let each = 0; each < events; each++) {
    memory.used = 300;
    clock.time += event;
    await giveBack();
  }
  expect(collections() * 20).toBeLessThanOrEqual(clock.time / 50 + 20);
  expect(collections()).toBeGreaterThan(10);
});
