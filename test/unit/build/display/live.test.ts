import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LiveRenderer } from "../../../../build/display/live.ts";
import { type Group, Row } from "../../../../build/display/row.ts";
import { TOOL_ROOT } from "../../../../build/tool-root.ts";
import { recordedPlan, replay } from "../../../support/build-replay.ts";
import { terminal } from "../../../support/terminal.ts";

const START = Date.parse("2026-11-26T16:37:21Z");

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"], now: START });
});
afterEach(() => vi.useRealTimers());

/** Rows on a terminal in memory. */
async function screenOf(columns: number) {
  const { stream, lines } = terminal(columns, 30);
  const live = new LiveRenderer(stream);
  const made = new Map<string, Row>();
  const row = (group: Group, name: string): Row => {
    const known = made.get(`${group} ${name}`) ?? new Row(group, name, (view) => live.changed(view));
    made.set(`${group} ${name}`, known);
    return known;
  };
  const images = await recordedPlan();
  const seen = async () => {
    vi.advanceTimersByTime(100);
    return lines();
  };
  return { live, row, images, seen, lines };
}

/** What is on the screen, as test/golden has it. */
const expectGolden = (name: string, lines: readonly string[]) =>
  expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(join(TOOL_ROOT, `test/golden/screen-${name}.txt`));

const ALL = ["models", "parts", "cells"] as const;

test("a build that runs: rows are drawn in place, and lines that stay go above them", async () => {
  const { live, row, images, seen } = await screenOf(100);
  const build = replay("parts", { images, row, groups: ALL });
  for (const share of [0.2, 0.4, 0.6, 0.72]) {
    build.upTo(share);
    vi.advanceTimersByTime(3000);
  }
  live.say("note: minilm as int8: something");
  await expectGolden("running", await seen());
});

test("a build that is done leaves its rows, and what is said then comes below", async () => {
  const { live, row, images, lines, seen } = await screenOf(100);
  const parts = replay("parts", { images, row, groups: ALL });
  parts.upTo(1);
  parts.end();
  for (const arch of ["arm64", "amd64"]) row("models", `minilm int8 ${arch}`).done("cosine ≥ 0.995");
  const build = replay("images", { images, row, groups: ["cells"] });
  build.upTo(0.9);
  await seen();
  build.upTo(1);
  for (const { name } of images) row("cells", name).done("built 281 MB");
  live.end();
  live.say("\nimage   packed");
  await expectGolden("done", await lines());
});

test("a build that fails shows which row it was", async () => {
  const { live, row, images, lines } = await screenOf(100);
  replay("failed", { images, row, groups: ALL }).upTo(1);
  row("models", "minilm int8 arm64").stopped();
  for (const { name } of images) row("cells", name).stopped();
  live.end();
  live.say("mkimage: not as accurate");
  await expectGolden("failed", await lines());
});

test("a narrow terminal has one row a line, cut where it ends", async () => {
  const { live, row, images, lines } = await screenOf(36);
  replay("failed", { images, row, groups: ALL }).upTo(1);
  live.end();
  const drawn = await lines();
  await expectGolden("narrow", drawn);
  expect(Math.max(...drawn.map((line) => line.length))).toBeLessThan(36);
});
