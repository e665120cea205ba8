import { promisify } from "node:util";
import { beforeEach, describe, expect, test } from "vitest";
import { type RandomSources, renewRandom } from "../../../../runtime/lambda/renew-random.ts";

const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

/** The generators of a copy that was restored from a snapshot: all of them go on from the same state, so they are never right here. */
function copied(): RandomSources {
  const used = () => {
    throw new Error("a generator whose state is copied");
  };
  class Web {}
  const crypto = { randomBytes: used, randomFill: used, randomUUID: used, webcrypto: new Web() };
  return { math: { random: used }, crypto: crypto as never };
}

let one: RandomSources;
let other: RandomSources;
beforeEach(() => {
  [one, other] = [copied(), copied()];
  renewRandom(one);
  renewRandom(other);
});

describe("two copies of one snapshot draw different values", () => {
  test.each<[string, (sources: RandomSources) => unknown]>([
    ["Math.random", ({ math }) => math.random()],
    ["randomBytes", ({ crypto }) => crypto.randomBytes(16).toString("hex")],
    ["randomBytes of more than a block", ({ crypto }) => crypto.randomBytes(10_000).toString("hex")],
    [
      "randomBytes, called back",
      ({ crypto }) => promisify(crypto.randomBytes)(16).then((bytes) => bytes.toString("hex")),
    ],
    ["randomUUID", ({ crypto }) => crypto.randomUUID()],
    ["randomInt", ({ crypto }) => crypto.randomInt(2 ** 47)],
    ["randomFillSync", ({ crypto }) => crypto.randomFillSync(new Uint8Array(16)).join()],
    [
      "randomFill",
      ({ crypto }) =>
        new Promise((done) => crypto.randomFill(new Uint8Array(16), (_, bytes) => done(bytes.join()))),
    ],
    ["getRandomValues", ({ crypto }) => crypto.webcrypto.getRandomValues(new Uint32Array(4)).join()],
    ["randomUUID of Web Crypto", ({ crypto }) => Object.getPrototypeOf(crypto.webcrypto).randomUUID()],
  ])("by %s", async (_, draw) => {
    const values = await Promise.all([draw(one), draw(other), draw(one), draw(other)]);
    expect(new Set(values).size).toBe(4);
  });
});

test("UUIDs are of version 4", () => {
  for (let round = 0; round < 300; round++) expect(one.crypto.randomUUID()).toMatch(UUID);
});

test("numbers are spread over the whole range, and never outside", () => {
  const drawn = Array.from({ length: 4000 }, () => one.math.random());
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...drawn)).toBeLessThan(1);
  for (const part of [0, 1, 2, 3]) {
    const share = drawn.filter((number) => Math.floor(number * 4) === part).length / drawn.length;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.3);
  }
  const whole = new Set(Array.from({ length: 500 }, () => one.crypto.randomInt(-3, 3)));
  expect([...whole].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2]);
  expect(() => one.crypto.randomInt(3, 3)).toThrow(RangeError);
});

test("only the part that is asked for is filled, in elements of the view", () => {
  const view = new Uint32Array(8);
  one.crypto.randomFillSync(view, 2, 3);
  expect([...view.slice(0, 2), ...view.slice(5)]).toEqual([0, 0, 0, 0, 0]);
  expect(view.slice(2, 5).some(Boolean)).toBe(true);
  const buffer = new ArrayBuffer(16);
  one.crypto.randomFillSync(buffer as never, 8);
  expect([...new Uint8Array(buffer, 0, 8)]).toEqual(Array(8).fill(0));
});

test("an integer is handed to a callback", async () => {
  expect(await new Promise((done) => one.crypto.randomInt(5, 6, (_, drawn) => done(drawn)))).toBe(5);
});

test("what Node refuses is refused", () => {
  const { crypto } = one;
  expect(() => crypto.randomBytes(-1)).toThrow(RangeError);
  expect(() => crypto.randomFillSync(new Uint8Array(4), 5)).toThrow(RangeError);
  expect(() => crypto.randomInt(0.5)).toThrow(RangeError);
  expect(() => crypto.webcrypto.getRandomValues(new Uint8Array(65_537))).toThrow("65536");
  expect(() => crypto.webcrypto.getRandomValues(new Float32Array(1) as never)).toThrow("integers");
});
