import { describe, expect, test } from "vitest";
import type { ConfigFlags } from "../../../../build/config/config.ts";
import type { PlanFacts } from "../../../../build/plan/image.ts";
import { baseReferences, makePlan, pinned } from "../../../../build/plan/plan.ts";
import { configOf, FACTS, MINIMAL } from "../../../support/plan-facts.ts";

const DIGEST = `sha256:${"1".repeat(64)}`;
const OTHER = `sha256:${"2".repeat(64)}`;

const planOf = async (file: unknown = MINIMAL, flags: ConfigFlags = {}, facts: PlanFacts = FACTS) =>
  makePlan(await configOf(file, flags), facts);

const one = async (flags: ConfigFlags = {}, facts: PlanFacts = FACTS) => {
  const [image, ...more] = await planOf(MINIMAL, { os: ["debian"], arch: ["arm64"], ...flags }, facts);
  if (!image || more.length > 0) throw new Error("expected one image");
  return image;
};

function deepFreeze<T>(value: T): T {
  if (value && typeof value === "object" && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const each of Object.values(value)) deepFreeze(each);
  }
  return value;
}

describe("the matrix", () => {
  test("has a cell for every operating system and architecture, in the order of the configuration", async () => {
    expect((await planOf()).map(({ name }) => name)).toEqual([
      "amazonlinux-arm64",
      "amazonlinux-amd64",
      "debian-arm64",
      "debian-amd64",
      "ubuntu-arm64",
      "ubuntu-amd64",
      "alpine-arm64",
      "alpine-amd64",
    ]);
  });

  test("goes through the functions first", async () => {
    const file = { functions: { b: { model: "minilm" }, a: { model: "bge-small.en", memory: 512 } } };
    const plan = await planOf(file, { os: ["alpine", "debian"], arch: ["amd64"] });
    expect(plan.map(({ reference, memory, models }) => [reference, memory, models[0].name])).toEqual([
      ["shop/b:alpine-amd64", 1769, "minilm"],
      ["shop/b:debian-amd64", 1769, "minilm"],
      ["shop/a:alpine-amd64", 512, "bge-small.en"],
      ["shop/a:debian-amd64", 512, "bge-small.en"],
    ]);
  });

  test("says platforms as OCI does", async () => {
    expect((await one()).platform).toBe("linux/arm64");
    expect((await one({ arch: ["amd64"] })).platform).toBe("linux/amd64");
  });

  test("gives every cell a target of its own", async () => {
    const file = { functions: { v1_2: { model: "minilm" }, search: { model: "minilm" } } };
    const targets = (await planOf(file)).map(({ target }) => target);
    expect(new Set(targets).size).toBe(16);
    expect(targets[0]).toBe("v1_2-amazonlinux-arm64");
  });
});

test("the tag is <os>-<arch> in the function's repository", async () => {
  expect(await one({ repository: "team/<function>" })).toMatchObject({
    reference: "team/embed:debian-arm64",
    repository: "team/embed",
    name: "debian-arm64",
  });
});

describe("the version", () => {
  test("is the configured one", async () => {
    expect((await one({ imageVersion: "1.2.3" })).version).toBe("1.2.3");
  });

  test("is otherwise the first 12 digits of the revision", async () => {
    expect((await one()).version).toBe("0123456789ab");
  });

  test("says when files differ from the revision", async () => {
    const revision = { ...FACTS.revision, revision: `${FACTS.revision.revision}-dirty` };
    expect((await one({}, { ...FACTS, revision })).version).toBe("0123456789ab-dirty");
  });

  test("is that of the commit that has last changed what the image is made of", async () => {
    const revisions = { embed: { revision: "f".repeat(40), epoch: 7 } };
    const image = await one({}, { ...FACTS, revisions });
    expect(image).toMatchObject({ version: "f".repeat(12), epoch: 7 });
    expect(image.labels["org.opencontainers.image.revision"]).toBe("f".repeat(40));
  });

  test("is 0 outside of git", async () => {
    const image = await one({}, { ...FACTS, revision: { epoch: 0 } });
    expect(image).toMatchObject({ version: "0", epoch: 0 });
  });
});

describe("labels", () => {
  test("say what the image is, from what it was made, and what it serves", async () => {
    expect((await one({}, { ...FACTS, digests: { "debian:trixie-slim": DIGEST } })).labels).toEqual({
      "org.opencontainers.image.title": "embed",
      "org.opencontainers.image.description": "minilm (feature-extraction) for AWS Lambda, made by mkimage",
      "org.opencontainers.image.revision": FACTS.revision.revision,
      "org.opencontainers.image.source": "https://example.com/team/project",
      "org.opencontainers.image.licenses": "Apache-2.0",
      "org.opencontainers.image.base.name": "debian:trixie-slim",
      "org.opencontainers.image.base.digest": DIGEST,
      "com.amazonaws.lambda.feature.snapstart": "Allow",
      "mkimage.version": "1.0.0",
      "mkimage.project": "shop",
      "mkimage.function": "embed",
      "mkimage.model.digest": "sha256:<files of minilm>",
      "mkimage.gate.cosine": "0.9999",
      "mkimage.model": "minilm",
      "mkimage.task": "feature-extraction",
      "mkimage.quantization": "fp32",
      "mkimage.os": "debian",
      "mkimage.arch": "arm64",
    });
  });

  test("leave out what is not known", async () => {
    const { labels } = await one({}, { ...FACTS, revision: { epoch: 0 } });
    const keys = Object.keys(labels).filter((key) => key.startsWith("org."));
    expect(keys.map((key) => key.replace("org.opencontainers.image.", ""))).toEqual([
      "title",
      "description",
      "licenses",
      "base.name",
    ]);
  });
});

describe("bases", () => {
  test("are the catalog's without a digest when none is known", async () => {
    expect((await one()).bases).toEqual({
      os: { reference: "debian:trixie-slim" },
      node: { reference: "node:24-trixie-slim" },
      python: { reference: "python:3.13-slim-trixie" },
      rie: { reference: "public.ecr.aws/lambda/provided:al2023" },
    });
  });

  test("are pinned by the digest that is known", async () => {
    const { bases } = await one({}, { ...FACTS, digests: { "debian:trixie-slim": DIGEST } });
    expect(pinned(bases.os)).toBe(`debian:trixie-slim@${DIGEST}`);
    expect(pinned(bases.node)).toBe("node:24-trixie-slim");
  });

  test("keep a digest of their own, whatever else is known", async () => {
    const reference = `debian:bookworm@${OTHER}`;
    const { bases, labels } = await one(
      { base: [`debian=${reference}`] },
      { ...FACTS, digests: { "debian:bookworm": DIGEST, [reference]: DIGEST } },
    );
    expect(bases.os).toEqual({ reference: "debian:bookworm", digest: OTHER });
    expect(labels["org.opencontainers.image.base.name"]).toBe("debian:bookworm");
    expect(labels["org.opencontainers.image.base.digest"]).toBe(OTHER);
  });

  test("have glibc only where the system has another C library", async () => {
    const withGlibc = (await planOf()).filter(({ bases }) => bases.glibc).map(({ name }) => name);
    expect(withGlibc).toEqual(["alpine-arm64", "alpine-amd64"]);
  });

  test("have no emulator with --no-rie", async () => {
    expect((await planOf(MINIMAL, { rie: false })).every(({ bases }) => bases.rie === undefined)).toBe(true);
  });
});

describe("references to resolve", () => {
  test("are each base of the matrix once, sorted", async () => {
    expect(baseReferences(await configOf())).toEqual([
      "alpine:3.23",
      "debian:trixie-slim",
      "node:24-trixie-slim",
      "public.ecr.aws/lambda/provided:al2023",
      "python:3.13-slim-trixie",
      "ubuntu:24.04",
    ]);
  });

  test("leave out what no cell needs", async () => {
    expect(baseReferences(await configOf(MINIMAL, { os: ["ubuntu"], rie: false }))).toEqual([
      "node:24-trixie-slim",
      "python:3.13-slim-trixie",
      "ubuntu:24.04",
    ]);
    expect(baseReferences(await configOf(MINIMAL, { os: ["alpine"], rie: false }))).toEqual([
      "alpine:3.23",
      "debian:trixie-slim",
      "node:24-trixie-slim",
      "python:3.13-slim-trixie",
    ]);
  });

  test("are those of --base where it is given", async () => {
    const config = await configOf(MINIMAL, {
      os: ["alpine"],
      base: [
        "alpine=alpine:3.20",
        "glibc=debian:bookworm-slim",
        "rie=example.com/rie:1",
        "node=node:22-slim",
      ],
    });
    expect(baseReferences(config)).toEqual([
      "alpine:3.20",
      "debian:bookworm-slim",
      "example.com/rie:1",
      "node:22-slim",
      "python:3.13-slim-trixie",
    ]);
  });

  test("cover every base that the plan uses", async () => {
    const config = await configOf();
    const known = new Set(baseReferences(config));
    const used = makePlan(config, FACTS).flatMap(({ bases }) =>
      Object.values(bases).map(({ reference }) => reference),
    );
    expect(used.filter((reference) => !known.has(reference))).toEqual([]);
  });
});

test("the same arguments give the same plan, and none of them is changed", async () => {
  const config = deepFreeze(
    await configOf({ functions: { a: { model: "minilm" }, b: { model: "bge-small.en" } } }),
  );
  const facts = deepFreeze(structuredClone(FACTS));
  expect(makePlan(config, facts)).toEqual(makePlan(config, facts));
});
