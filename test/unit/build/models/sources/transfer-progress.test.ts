import { expect, test } from "vitest";
import { Meter } from "../../../../../build/models/sources/transfer-progress.ts";

function meter(total?: number) {
  const clock = { now: 0 };
  const shown: string[] = [];
  const row = {
    counting: (text: string) => shown.push(text),
    done: (text = "") => shown.push(`done ${text}`),
  };
  return { meter: new Meter({ total, row, now: () => clock.now }), clock, shown };
}

test("bytes, share, speed and time left are in one line", () => {
  const { meter: made, clock } = meter(90_000_000);
  clock.now = 2000;
  made.add(20_000_000);
  expect(made.line()).toBe("20 MB of 90 MB, 22%, 10 MB/s, 7 s left");
});

test("what a former run has left counts, and not for the speed", () => {
  const { meter: made, clock } = meter(100_000_000);
  made.found(50_000_000);
  clock.now = 1000;
  made.add(10_000_000);
  expect(made.line()).toBe("60 MB of 100 MB, 60%, 10 MB/s, 4 s left");
});

test("without a known size there is no share and no time left", () => {
  const { meter: made, clock } = meter();
  clock.now = 1000;
  made.add(20_000_000);
  expect(made.line()).toBe("20 MB, 20 MB/s");
});

test.each([
  [1_000_000, "1 min 39 s left"],
  [10_000, "2.8 h left"],
])("after %i bytes of 100 MB in a second: %s", (bytes, left) => {
  const { meter: made, clock } = meter(100_000_000);
  clock.now = 1000;
  made.add(bytes);
  expect(made.line()).toContain(left);
});

test("it is shown anew ten times a second at most, and at the end with all that came", () => {
  const { meter: made, clock, shown } = meter(50);
  for (clock.now = 0; clock.now < 1000; clock.now += 20) made.add(1);
  made.end(50);
  expect(shown).toHaveLength(11);
  expect(shown.at(-1)).toBe("done 0.1 kB in 1 s");
});
