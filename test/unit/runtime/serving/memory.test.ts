import { expect, test } from "vitest";
import { memoryWatch } from "../../../../runtime/serving/memory.ts";

test("before a model was open its files tell what it needs, afterwards what it took", async () => {
  let used = 100;
  const memory = memoryWatch({ limit: 1000, used: () => used, sizeOf: () => 500 });
  expect(memory.hasRoomFor("a")).toBe(true);
  expect(memoryWatch({ limit: 800, used: () => used, sizeOf: () => 500 }).hasRoomFor("a")).toBe(false);
  await memory.measured("a", async () => {
    used = 500;
  });
  expect(memory.hasRoomFor("a")).toBe(false);
  used = 400;
  expect(memory.hasRoomFor("a")).toBe(true);
});

test("without a limit there is always room", () => {
  expect(memoryWatch({ limit: Infinity, used: () => 1e12, sizeOf: () => 1e12 }).hasRoomFor("a")).toBe(true);
});
