import fc from "fast-check";
import { expect, test } from "vitest";
import { superfluousImages, superfluousVersions } from "../../../../build/deploy/clean.ts";
import { recordOf } from "../../../../build/deploy/record.ts";

const versions = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ Version: String(index + 1) }));

test("the newest stay, and whatever an alias, a canary or a record names", () => {
  const aliases = [
    { FunctionVersion: "3", Description: recordOf(["1"]) },
    { FunctionVersion: "5", RoutingConfig: { AdditionalVersionWeights: { 4: 0.1 } } },
  ];
  expect(superfluousVersions(versions(8), { aliases, keep: 1 })).toEqual(["2", "6", "7"]);
  expect(superfluousVersions(versions(8), { aliases, keep: 0 })).toEqual(["2", "6", "7", "8"]);
  expect(superfluousVersions(versions(2), { aliases: [], keep: 3 })).toEqual([]);
});

test("what is named never goes, whatever there is", () => {
  const version = fc.integer({ min: 1, max: 20 }).map(String);
  const alias = fc.record({ live: version, canary: version, before: fc.array(version, { maxLength: 5 }) });
  fc.assert(
    fc.property(fc.array(alias, { maxLength: 3 }), fc.nat(5), (wanted, keep) => {
      const aliases = wanted.map(({ live, canary, before }) => ({
        FunctionVersion: live,
        RoutingConfig: { AdditionalVersionWeights: { [canary]: 0.5 } },
        Description: recordOf(before),
      }));
      const gone = superfluousVersions(versions(20), { aliases, keep });
      const named = wanted.flatMap(({ live, canary, before }) => [live, canary, ...before]);
      expect(gone.filter((each) => named.includes(each))).toEqual([]);
      expect(20 - gone.length).toBeGreaterThanOrEqual(Math.min(20, keep));
    }),
  );
});

test("of the images of each cell the newest stay, and those that a version has", () => {
  const image = (digest: string, tag: string, pushedAt: number) => ({
    digest,
    tags: [tag],
    pushedAt,
    size: 1,
  });
  const images = [
    image("a", "1-alpine-arm64", 1),
    image("b", "2-alpine-arm64", 2),
    image("c", "3-alpine-arm64", 3),
    image("d", "1-debian-arm64", 1),
    image("e", "1-alpine-arm64-int8", 1),
  ];
  const gone = superfluousImages(images, { used: new Set(["a"]), keep: 1 });
  expect(gone.map(({ digest }) => digest)).toEqual(["b"]);
});

test("what is about an image stays and goes with it, also the list that a registry without referrers has under a tag", () => {
  const name = (letter: string) => `sha256:${letter.repeat(64)}`;
  const image = (letter: string, more: object) => ({
    digest: name(letter),
    tags: [],
    pushedAt: 1,
    size: 1,
    ...more,
  });
  const images = [
    image("a", { tags: ["1-alpine-arm64"], pushedAt: 1 }),
    image("b", { tags: ["2-alpine-arm64"], pushedAt: 2 }),
    image("c", { subject: name("a") }),
    image("d", { subject: name("b") }),
    image("e", { tags: [name("a").replace(":", "-")] }),
    image("f", { tags: [name("b").replace(":", "-")] }),
  ];
  const gone = (keep: number) =>
    superfluousImages(images, { used: new Set(), keep }).map(({ digest }) => digest[7]);
  expect(gone(1)).toEqual(["c", "e", "a"]);
  expect(gone(2)).toEqual([]);
});
