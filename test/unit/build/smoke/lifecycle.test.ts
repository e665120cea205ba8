import { expect, test } from "vitest";
import { type Lifecycle, lifecycleNotes } from "../../../../build/smoke/lifecycle.ts";
import { anyTable } from "../../../../build/smoke/result-table.ts";
import type { AnyTested } from "../../../../build/smoke/test-any.ts";

const QUIET: Lifecycle = {
  stopMs: 61.7,
  atOnce: 2,
  restore: { by: "restore/next", connections: [], random: [] },
  written: [],
};

test("what a function does is noted with its names, and nothing of one that does all right", () => {
  expect(lifecycleNotes(undefined)).toEqual([]);
  expect(lifecycleNotes(QUIET)).toEqual([]);
  const restore = {
    by: "label",
    connections: ["10.0.0.1:5432"],
    random: ["Math.random at /a.mjs:1:2"],
  } as const;
  const [written, connected, random] = lifecycleNotes({ ...QUIET, restore, written: ["/var/task/x"] });
  expect(written).toMatch(/outside \/tmp.*: \/var\/task\/x$/);
  expect(connected).toContain("connected to 10.0.0.1:5432");
  expect(random).toMatch(/in common: Math\.random at \/a\.mjs:1:2$/);
});

test("the table of any image has the lifecycle when it was asked for, and dashes for an emulated one", () => {
  const tested = { reference: "a:1", emulated: false, firstMs: 12.4, warmMs: 1.25, reply: "{}" } as AnyTested;
  const [titles, cells] = anyTable({ ...tested, lifecycle: QUIET }, true);
  expect(titles?.slice(-4)).toEqual([
    "end by SIGTERM",
    "events at once",
    "snapshot by",
    "files outside /tmp",
  ]);
  expect(cells).toEqual([
    "a:1",
    "passed",
    "12 ms",
    "1.3 ms",
    "not compared",
    "native",
    "62 ms",
    "2",
    "restore/next",
    "none",
  ]);
  expect(anyTable({ ...tested, emulated: true }, true)[1]?.slice(2)).toEqual([
    "–",
    "–",
    "not compared",
    "emulated",
    "–",
    "–",
    "–",
    "–",
  ]);
  expect(anyTable(tested, false)[0]).toHaveLength(6);
});
