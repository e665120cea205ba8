import type Docker from "dockerode";
import { describe, expect, test } from "vitest";
import { currentImage, outdated, storedImage } from "../../../../build/engine/stored-image.ts";
import type { PlanFacts } from "../../../../build/plan/image.ts";
import { makePlan } from "../../../../build/plan/plan.ts";
import { configOf, FACTS, imageOf } from "../../../support/plan-facts.ts";
import { refusal } from "../../../support/refusal.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const HANDLER = { files: { "handler.ts": "" } };
const minilm = FACTS.models["minilm"] as (typeof FACTS.models)[string];
const of = (model: string, row: object = {}) => ({ functions: { embed: { model, ...row } } });

/** An engine with an image of these labels, or with none. */
function engineWith(labels?: Readonly<Record<string, string>>): Docker {
  const missing = Object.assign(new Error("no such image"), { statusCode: 404 });
  const image = {
    inspect: async () => {
      if (!labels) throw missing;
      return { Id: digest("1"), Config: { Labels: labels } };
    },
    history: async () => [],
  };
  return { getImage: () => image } as unknown as Docker;
}

test("what the plan names is taken, whatever its commit, version and base's own labels are", async () => {
  const image = await imageOf();
  const { labels } = await imageOf(
    { ...of("minilm"), version: "2" },
    { revision: { revision: "f".repeat(40), source: "https://example.com/fork", epoch: 1 } },
  );
  const stored = { ...labels, "mkimage.stand-in": "a stand-in", "com.example": "base" };
  expect(await currentImage(engineWith(stored), image)).toMatchObject({ id: digest("1") });
});

test("a base counts when the lock pins it", async () => {
  const [loose, pinned, moved] = [
    await imageOf(),
    await imageOf(undefined, { digests: { "debian:trixie-slim": digest("a") } }),
    await imageOf(undefined, { digests: { "debian:trixie-slim": digest("b") } }),
  ];
  expect(outdated(loose, pinned.labels)).toBeUndefined();
  expect(outdated(moved, pinned.labels)).toBe("is older than debian:trixie-slim in models/lock.json");
  expect(outdated(moved, loose.labels)).toBe("is older than debian:trixie-slim in models/lock.json");
});

describe("an image that is not what the plan names", () => {
  interface Difference {
    says: string;
    was: () => Promise<{ labels: Readonly<Record<string, string>> }>;
    is?: () => ReturnType<typeof imageOf>;
  }
  const withFacts = (facts: Partial<PlanFacts>) => () => imageOf(undefined, facts);
  const withModel = (change: object) => withFacts({ models: { minilm: { ...minilm, ...change } } });
  const ofFile =
    (file: object, facts = {}) =>
    () =>
      imageOf(file, facts, HANDLER);
  test.each<Difference>([
    { says: "is of another project: search, not shop", was: withFacts({ project: "search" }) },
    {
      says: "is of another model: bge-small.en, not minilm",
      was: ofFile(of("bge-small.en", { handler: false })),
    },
    {
      says: "is of another model: minilm,bge-small.en, not none",
      was: () => imageOf({ functions: { embed: { models: ["minilm", "bge-small.en"] } } }),
    },
    {
      says: "is of another quantization: int8, not fp32",
      was: () => imageOf({ ...of("minilm"), quantization: ["int8"] }),
    },
    {
      says: "is of another base image: debian:bookworm-slim, not debian:trixie-slim",
      was: () => imageOf({ ...of("minilm"), bases: { debian: "debian:bookworm-slim" } }),
    },
    { says: "is of another handler: handler.ts, not none", was: ofFile(of("minilm")) },
    { says: "is of another handler: none, not handler.ts", was: () => imageOf(), is: ofFile(of("minilm")) },
    {
      says: "is older than handler.ts or what it imports",
      was: ofFile(of("minilm"), { sources: { "handler.ts": "/cache/trees/1" } }),
      is: ofFile(of("minilm")),
    },
    {
      says: "is older than models/minilm.json or the model's files",
      was: withModel({ digest: digest("1") }),
    },
    {
      says: "is older than models/bge-small.en.json or the model's files",
      was: () => imageOf({ functions: { embed: { models: ["minilm", "bge-small.en"] } } }),
      is: () =>
        imageOf(
          { functions: { embed: { models: ["minilm", "bge-small.en"] } } },
          {
            models: {
              ...FACTS.models,
              "bge-small.en": { ...minilm, name: "bge-small.en", digest: digest("1") },
            },
          },
        ),
    },
    { says: "was built by mkimage 0.9.0, and this is 1.0.0", was: withFacts({ tool: "0.9.0" }) },
    { says: "is older than mkimage 1.0.0", was: async () => ({ labels: { "mkimage.function": "embed" } }) },
  ])("$says", async ({ says, was, is = () => imageOf() }) => {
    const image = await is();
    const error = await refusal(async () => currentImage(engineWith((await was()).labels), image));
    expect(error).toMatchObject({
      exitCode: 1,
      message: `${image.reference} ${says}`,
      hint:
        "Run: mkimage build --config " +
        image.command.split(" ")[3] +
        " --function embed --os debian --arch amd64 --quantization fp32",
    });
  });

  test("tighter limits of a gate count where it judges", async () => {
    const tight = { ...minilm, spec: { ...minilm.spec, gate: { ...minilm.spec.gate, cosine: 0.99 } } };
    for (const [quantization, says] of [
      ["int8", "is older than models/minilm.json or the model's files"],
      ["fp32", undefined],
    ] as const) {
      const file = { ...of("minilm"), quantization: [quantization] };
      expect(outdated(await imageOf(file, { models: { minilm: tight } }), (await imageOf(file)).labels)).toBe(
        says,
      );
    }
  });

  test("samples count where weights are made from them", async () => {
    const models = { minilm: { ...minilm, samplesDigest: digest("1") } };
    for (const [quantization, says] of [
      ["int8-static", "is older than models/minilm.json or the model's files"],
      ["int8", undefined],
    ] as const) {
      const file = { ...of("minilm"), quantization: [quantization] };
      expect(outdated(await imageOf(file, { models }), (await imageOf(file)).labels)).toBe(says);
    }
  });
});

test("where nothing is built, the command is told as it has to be given", async () => {
  const flags = {
    os: ["debian"],
    arch: ["amd64"],
    quantization: ["int8"],
    model: "bge-small.en",
    rie: false,
  };
  const [image] = makePlan(await configOf(undefined, flags), FACTS);
  if (!image) throw new Error("no image");
  const error = await refusal(() => storedImage(engineWith(), image));
  expect(error).toMatchObject({ exitCode: 1, message: "shop/embed:debian-amd64-int8 has not been built" });
  expect(error.hint).toMatch(
    /^Run: mkimage build --config \S+ --function embed --os debian --arch amd64 --quantization int8 --model bge-small\.en --no-rie$/,
  );
});
