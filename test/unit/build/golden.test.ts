import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { toBakeFile } from "../../../build/bake/bake.ts";
import type { ConfigFlags } from "../../../build/config/config.ts";
import { stringify } from "../../../build/json.ts";
import { makePlan, type PlanFacts } from "../../../build/plan/plan.ts";
import { configOf, FACTS, MINIMAL } from "../../support/plan-facts.ts";

const GOLDEN = join(import.meta.dirname, "../../golden");
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

interface Case {
  readonly name: string;
  readonly file?: unknown;
  readonly flags?: ConfigFlags;
  readonly facts?: PlanFacts;
  readonly secrets?: string[];
  /** Beside mkimage.json. */
  readonly files?: Record<string, string>;
}

const CASES: Case[] = [
  { name: "matrix" },
  { name: "one-cell", flags: { os: ["alpine"], arch: ["arm64"] } },
  { name: "no-rie", flags: { os: ["debian"], rie: false } },
  {
    name: "two-functions",
    file: {
      functions: { embed: { model: "minilm" }, "search-en": { model: "bge-small.en", memory: 3008 } },
      os: ["ubuntu"],
      repository: "team/<function>",
      version: "1.2.3",
    },
    secrets: ["id=ca,src=<root>/ca.pem"],
  },
  {
    name: "quantized",
    file: {
      functions: { both: { models: ["minilm", "bge-small.en"] } },
      os: ["debian"],
      quantization: ["fp32", "int8"],
    },
  },
  {
    name: "handlers",
    file: {
      functions: {
        embed: { model: "minilm", event: { text: "a" } },
        search: { models: ["minilm", "bge-small.en"], handler: "./src/search.mts" },
        plain: { model: "minilm", handler: false },
      },
      os: ["debian"],
      arch: ["arm64", "amd64"],
    },
    files: { "handler.ts": "", "src/search.mts": "", "src/package-lock.json": "" },
    secrets: ["id=ca,src=<root>/ca.pem"],
  },
  {
    name: "images",
    file: {
      functions: {
        embed: { model: "minilm" },
        classify: { model: "vit" },
        both: { models: ["minilm", "vit"] },
      },
      os: ["debian"],
    },
    secrets: ["id=ca,src=<root>/ca.pem"],
  },
  {
    name: "other-bases",
    flags: {
      os: ["alpine", "amazonlinux"],
      arch: ["amd64"],
      base: [`alpine=alpine:3.22@${digest("a")}`, "glibc=debian:bookworm-slim", "node=node:22-bookworm-slim"],
    },
    facts: {
      ...FACTS,
      revision: { epoch: 0 },
      digests: {
        "debian:bookworm-slim": digest("b"),
        "node:22-bookworm-slim": digest("c"),
        "public.ecr.aws/lambda/provided:al2023": digest("d"),
      },
    },
  },
];

// `make golden` writes what these give now; the change is then reviewed as any other.
describe.each(CASES)("$name", ({ name, file = MINIMAL, flags = {}, facts = FACTS, secrets = [], files }) => {
  const plan = async () => {
    const config = await configOf(file, flags, files);
    const places = (value: unknown) => stringify(value).replaceAll(config.project, "<project>");
    return { images: makePlan(config, facts), places };
  };

  test("gives the plan that was committed", async () => {
    const { images, places } = await plan();
    await expect(places(images)).toMatchFileSnapshot(join(GOLDEN, `${name}.plan.json`));
  });

  test("gives the bake file that was committed", async () => {
    const { images, places } = await plan();
    const bake = toBakeFile(images, { root: "<root>", output: () => "type=docker", secrets });
    await expect(places(bake)).toMatchFileSnapshot(join(GOLDEN, `${name}.bake.json`));
  });
});
