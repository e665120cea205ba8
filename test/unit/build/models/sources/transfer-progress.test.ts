import { expect, test } from "vitest";
import { Meter } from "../../../../../build/models/sources/transfer-progress.ts";

function meter(options: { total?: number; terminal?: boolean } = {}) {
  const clock = { now: 0 };
  const lines: string[] = [];
  const drawn: string[] = [];
  const made = new Meter("minilm", {
    total: options.total,
    log: (line) => lines.push(line),
    draw: options.terminal ? (text) => drawn.push(text) : undefined,
    now: () => clock.now,
  });
  return { meter: made, clock, lines, drawn };
}

test("bytes, share, speed and time left are in one line", () => {
  const { meter: made, clock } = meter({ total: 90_000_000 });
  clock.now = 2000;
  made.add(20_000_000);
  expect(made.line()).toBe("minilm: 20 MB of 90 MB, 22%, 10 MB/s, 7 s left");
});

test("what a former run has left counts, and not for the speed", () => {
  const { meter: made, clock } = meter({ total: 100_000_000 });
  made.found(50_000_000);
  clock.now = 1000;
  made.add(10_000_000);
  expect(made.line()).toBe("minilm: 60 MB of 100 MB, 60%, 10 MB/s, 4 s left");
});

test("without a known size there is no share and no time left", () => {
  const { meter: made, clock } = meter();
  clock.now = 1000;
  made.add(20_000_000);
  expect(made.line()).toBe("minilm: 20 MB, 20 MB/s");
});

test.each([
  [1_000_000, "1 min 39 s left"],
  [10_000, "2.8 h left"],
])("after %i bytes of 100 MB in a second: %s", (bytes, left) => {
  const { meter: made, clock } = meter({ total: 100_000_000 });
  clock.now = 1000;
  made.add(bytes);
  expect(made.line()).toContain(left);
});

test("without a terminal there is a line every five seconds, and none for what is quick", () => {
  const { meter: made, clock, lines } = meter({ total: 100 });
  for (clock.now = 0; clock.now < 12_000; clock.now += 100) made.add(0);
  made.end();
  expect(lines).toHaveLength(2);
});

test("on a terminal one line is drawn anew ten times a second, and taken away", () => {
  const { meter: made, clock, drawn, lines } = meter({ total: 100, terminal: true });
  for (clock.now = 0; clock.now <= 1000; clock.now += 20) made.add(1);
  made.end();
  expect(drawn).toHaveLength(11);
  expect(drawn.every((text) => text.startsWith("\r\u001b[2K"))).toBe(true);
  expect(drawn.at(-1)).toBe("\r\u001b[2K");
  expect(lines).toEqual([]);
});
