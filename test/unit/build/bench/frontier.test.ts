import fc from "fast-check";
import { expect, test } from "vitest";
import { frontierOf } from "../../../../build/bench/frontier.ts";

test("the frontier is what no other one beats: compared with every pair", () => {
  const points = fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 30 });
  fc.assert(
    fc.property(points, (all) => {
      const beats = (a: readonly number[], b: readonly number[]) =>
        (a[0] ?? 0) <= (b[0] ?? 0) && (a[1] ?? 0) <= (b[1] ?? 0) && (a[0] !== b[0] || a[1] !== b[1]);
      const byHand = all.filter((each) => !all.some((other) => beats(other, each)));
      const found = frontierOf(
        all,
        ([x]) => x,
        ([, y]) => y,
      );
      const text = (list: readonly (readonly number[])[]) => [...new Set(list.map(String))].sort();
      expect(text(found)).toEqual(text(byHand));
      expect(found).toHaveLength(text(found).length);
    }),
  );
});
