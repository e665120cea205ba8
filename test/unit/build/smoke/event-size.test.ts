import { expect, test } from "vitest";
import { eventFault, requireShortEvent } from "../../../../build/smoke/event-size.ts";
import { refusal } from "../../../support/refusal.ts";

const LONGEST = 6 * 1024 * 1024;

test("an event of the largest size that Lambda takes is sent, counted in bytes", () => {
  expect(eventFault("x".repeat(LONGEST))).toBeUndefined();
  expect(eventFault("ü".repeat(LONGEST / 2))).toBeUndefined();
  requireShortEvent("x".repeat(LONGEST));
});

test("a larger one is refused with its size, before an emulator cuts it off", async () => {
  expect(eventFault("ü".repeat(LONGEST / 2 + 1))).toBe(
    "The event has 6291458 bytes, and Lambda takes 6291456 at most",
  );
  const error = await refusal(() => requireShortEvent("x".repeat(LONGEST + 1)));
  expect(error).toMatchObject({
    exitCode: 2,
    message: "The event has 6291457 bytes, and Lambda takes 6291456 at most",
  });
});
