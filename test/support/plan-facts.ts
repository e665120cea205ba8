import { join } from "node:path";
import { type Config, type ConfigFlags, loadConfig } from "../../build/config/config.ts";
import type { ReadyModel } from "../../build/models/ready-model.ts";
import type { Image, PlanFacts } from "../../build/plan/image.ts";
import { makePlan } from "../../build/plan/plan.ts";
import { modelSpec } from "../../models/spec.ts";
import { temporaryFolder } from "./folder.ts";

/** The name of the tests' project. */
const PROJECT = "shop";

export const MINIMAL = { functions: { embed: { model: "minilm" } } };

/** The configuration that a command gets from this content of mkimage.json, these flags, and files beside it. */
export async function configOf(
  file: unknown = MINIMAL,
  flags: ConfigFlags = {},
  files: Record<string, unknown> = {},
): Promise<Config> {
  const folder = await temporaryFolder({
    "package.json": { name: PROJECT },
    ...files,
    "mkimage.json": file,
  });
  return loadConfig({ ...flags, config: join(folder, "mkimage.json") });
}

const spec = modelSpec.parse({
  task: "feature-extraction",
  license: "Apache-2.0",
  source: "file:weights",
  files: { "model.onnx": "model.onnx" },
});

const imageSpec = modelSpec.parse({
  task: "image-classification",
  source: "file:weights",
  files: { "model.onnx": "model.onnx", "preprocessor_config.json": "preprocessor_config.json" },
});

const ready = (name: string, itsSpec = spec): ReadyModel => ({
  name,
  spec: itsSpec,
  digest: `sha256:<files of ${name}>`,
  samplesDigest: "sha256:<samples>",
  dir: `<cache>/trees/${name}`,
  samples: "<cache>/trees/samples",
});

/** What plans of tests are made from: models that need no file, a revision, and no digest. */
export const FACTS: PlanFacts = {
  models: { minilm: ready("minilm"), "bge-small.en": ready("bge-small.en"), vit: ready("vit", imageSpec) },
  revision: {
    revision: "0123456789abcdef0123456789abcdef01234567",
    source: "https://example.com/team/project",
    epoch: 1_700_000_000,
  },
  digests: {},
  sources: {
    "handler.ts": "<cache>/trees/handler",
    "lib/b.ts": "<cache>/trees/b",
    "src/search.mts": "<cache>/trees/search",
  },
  project: PROJECT,
  tool: "1.0.0",
};

/** The first image of a plan with these settings beside `file`. */
export async function imageOf(
  file: object = MINIMAL,
  facts: Partial<PlanFacts> = {},
  {
    flags = { os: ["debian"], arch: ["amd64"] },
    files = {},
  }: { flags?: ConfigFlags; files?: Record<string, string> } = {},
): Promise<Image> {
  const [image] = makePlan(await configOf(file, flags, files), { ...FACTS, ...facts });
  return image as Image;
}
