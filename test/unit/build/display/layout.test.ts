import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { layout } from "../../../../build/display/layout.ts";
import type { Group, RowView, State } from "../../../../build/display/row.ts";

const NOW = 1_700_000_000_000;
const row = (group: Group, name: string, state: State, text = "", seconds = 0): RowView => ({
  group,
  name,
  state,
  text,
  since: NOW - seconds * 1000,
});

const ROWS = [
  row("models", "minilm int8 arm64", "done", "cosine ≥ 0.988"),
  row("models", "minilm int8 amd64", "running", "gate", 8),
  row("parts", "node", "cached"),
  row("parts", "rie", "done", "1.2 s"),
  row("parts", "runtime", "running", "npm ci", 1),
  row("cells", "debian-arm64", "running", "layers 4/7"),
  row("cells", "debian-amd64", "waiting"),
  row("cells", "alpine-arm64", "failed", "exporting"),
];
test("a transfer has a line of its own, and its name makes room", () => {
  const rows = [
    row(
      "files",
      "all-minilm-l6-v2 from hf:sentence-transformers/all-MiniLM-L6-v2",
      "running",
      "20 MB of 90 MB, 22%, 10 MB/s, 1 min 40 s left",
    ),
    row("files", "b from file:weights", "done", "3.0 MB in 1 s"),
  ];
  expect(layout(rows, { width: 80, color: false, now: NOW })).toEqual([
    " files   all-minilm-l6-v2 fr… ⠋ 20 MB of 90 MB, 22%, 10 MB/s, 1 min 40 s left",
    "         b from file:weights  ✓ 3.0 MB in 1 s",
  ]);
});

const drawn = (width: number, color = false) => layout(ROWS, { width, color, now: NOW });

test("a block per group; what takes longer says how long", () => {
  expect(drawn(100)).toEqual([
    " models  minilm int8 arm64 ✓ cosine ≥ 0.988           minilm int8 amd64 ⠋ gate 8 s",
    " parts   node ✓   rie ✓ 1.2 s   runtime ⠋ npm ci",
    " cells   debian-arm64 ⠋ layers 4/7               debian-amd64 ·",
    "         alpine-arm64 ✗ exporting",
  ]);
});

test.each([200, 100, 72, 40, 20, 12])("no line is longer than a terminal of %i columns", (width) => {
  for (const line of drawn(width)) expect(line.length, line).toBeLessThan(width);
});

test("colors change nothing but the colors", () => {
  expect(drawn(100, true).join("\n")).toContain("\u001b[32m✓\u001b[39m");
  expect(drawn(100, true).map(stripVTControlCharacters)).toEqual(drawn(100));
});
