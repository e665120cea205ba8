import { type BakeFile, toBakeFile } from "../../build/bake/bake.ts";
import type { ConfigFlags } from "../../build/config/config.ts";
import type { Image, PlanFacts } from "../../build/plan/image.ts";
import { makePlan } from "../../build/plan/plan.ts";
import { configOf, FACTS, MINIMAL } from "./plan-facts.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

/** A project, and the options of a command. */
interface Case {
  readonly name: string;
  readonly file?: unknown;
  readonly flags?: ConfigFlags;
  readonly facts?: PlanFacts;
  readonly secrets?: string[];
  /** Beside mkimage.json. */
  readonly files?: Record<string, string>;
}

/** Stands for a secret's file; buildx looks whether it is there. */
const CA = "id=ca,src=<root>/ca.pem";

export const CASES: Case[] = [
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
    secrets: [CA],
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
    secrets: [CA],
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
    secrets: [CA],
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

/** The plan of a case, its bake file, and the folder of its project. */
export async function planned({
  file = MINIMAL,
  flags = {},
  facts = FACTS,
  secrets = [],
  files,
}: Case): Promise<{ images: Image[]; bake: BakeFile; project: string }> {
  const config = await configOf(file, flags, files);
  const images = makePlan(config, facts);
  const bake = toBakeFile(images, { root: "<root>", output: () => "type=docker", secrets });
  return { images, bake, project: config.project };
}
