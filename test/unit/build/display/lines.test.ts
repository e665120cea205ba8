import { expect, test, vi } from "vitest";
import { GithubRenderer } from "../../../../build/display/github.ts";
import { LineRenderer } from "../../../../build/display/lines.ts";
import { type Group, Row } from "../../../../build/display/row.ts";

function lines(steps = false) {
  const written: string[] = [];
  const renderer = new LineRenderer({ write: (line) => written.push(line), steps });
  const row = (...[group, name]: [Group, string]) => new Row(group, name, (view) => renderer.changed(view));
  return { renderer, row, written };
}

test("a line for what is finished, and none for a part that was there", () => {
  const { row, written } = lines();
  row("parts", "node").cached();
  row("models", "minilm int8").cached("cosine ≥ 0.99");
  const cell = row("cells", "debian-arm64");
  cell.running("layers 1/7");
  cell.running("layers 2/7");
  cell.done("built 83 MB");
  cell.done("built 83 MB");
  row("parts", "runtime").failed("npm ci");
  expect(written).toEqual([
    "model minilm int8: cosine ≥ 0.99",
    "cell debian-arm64: built 83 MB",
    "part runtime: failed, npm ci",
  ]);
});

test("the builder's steps have lines only where they are asked for", () => {
  for (const steps of [false, true]) {
    const { renderer, written } = lines(steps);
    renderer.step("[node 2/2] RUN x 1.3 s");
    expect(written).toEqual(steps ? ["[node 2/2] RUN x 1.3 s"] : []);
  }
});

test("what runs for long says so once a minute, until it is finished", () => {
  vi.useFakeTimers();
  try {
    const { renderer, row, written } = lines();
    const part = row("parts", "runtime");
    part.running("npm ci");
    vi.advanceTimersByTime(121_000);
    part.done("122.0 s");
    vi.advanceTimersByTime(121_000);
    renderer.end();
    expect(written).toEqual([
      "part runtime: still npm ci, 60 s",
      "part runtime: still npm ci, 120 s",
      "part runtime: 122.0 s",
    ]);
  } finally {
    vi.useRealTimers();
  }
});

test("in GitHub Actions each phase is a group, and the last one is closed", () => {
  const written: string[] = [];
  const renderer = new GithubRenderer({ write: (line) => written.push(line) });
  renderer.phase("models and parts");
  renderer.say("a");
  renderer.phase("images");
  renderer.end();
  renderer.say("after");
  expect(written).toEqual([
    "::group::models and parts",
    "a",
    "::endgroup::",
    "::group::images",
    "::endgroup::",
    "after",
  ]);
});
