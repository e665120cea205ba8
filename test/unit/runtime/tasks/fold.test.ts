import { expect, test } from "vitest";
import { folded } from "../../../../runtime/tasks/fold.ts";

test("parts of an item become one thing, which is there before the next item's parts are read", async () => {
  const read: number[] = [];
  async function* parts() {
    for (const index of [0, 0, 1, 3]) {
      read.push(index);
      yield { index };
    }
  }
  const wholes = folded(
    parts(),
    (index) => [index],
    (whole, part) => whole.push(part.index),
  );
  expect((await wholes.next()).value).toEqual([0, 0, 0]);
  expect(read).toEqual([0, 0, 1]);
  expect(await Array.fromAsync(wholes)).toEqual([
    [1, 1],
    [3, 3],
  ]);
});
