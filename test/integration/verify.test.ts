import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { imagesOf } from "../support/engine.ts";
import { mkimage, mkimageJson } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";
import { type TinyEncoderOptions, tinyEncoder } from "../support/tiny-encoder.ts";
import { TINY_TOKENIZER } from "../support/tiny-tokenizer.ts";

const CELL = ["--os", "alpine", "--arch", "amd64"];
const MAX_TOKENS = 16;

let project: Project;
beforeAll(async () => {
  project = await makeProject();
});
afterAll(() => project?.remove());

/** Writes models, and a function that serves all of them. */
async function writeModels(models: Readonly<Record<string, TinyEncoderOptions>>): Promise<void> {
  for (const [name, options] of Object.entries(models)) {
    const folder = join(project.folder, "weights", name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "model.onnx"), tinyEncoder(options));
    await writeFile(join(folder, "tokenizer.json"), JSON.stringify(TINY_TOKENIZER));
    const spec = {
      task: "feature-extraction",
      source: `file:weights/${name}`,
      files: { "model.onnx": "model.onnx", "tokenizer.json": "tokenizer.json" },
      maxTokens: MAX_TOKENS,
      normalize: false,
    };
    await writeFile(join(project.folder, `models/${name}.json`), JSON.stringify(spec));
  }
  await project.writeConfig({
    functions: { [project.function]: { models: Object.keys(models) } },
    repository: "mkimage-test/<function>",
  });
}

const build = async () => {
  const locked = await mkimage(["lock"], { cwd: project.folder });
  expect(locked.exitCode, locked.stderr).toBe(0);
  return mkimage(["build", ...CELL], { cwd: project.folder });
};

test("graphs with sizes and types of their own are fed as they ask, one text as well as several", async () => {
  const models: Record<string, TinyEncoderOptions> = {
    "one-text": { ids: { shape: [1, "tokens"] } },
    "two-texts": { ids: { shape: [2, "tokens"] } },
    length: { ids: { shape: ["batch", MAX_TOKENS] } },
    int32: { ids: { type: "int32" } },
    mask: { asks: { name: "attention_mask", type: "bool", shape: ["batch", "tokens"] } },
  };
  await writeModels(models);
  const { exitCode, stderr } = await build();
  expect(exitCode, stderr).toBe(0);
  for (const model of Object.keys(models)) {
    const event = JSON.stringify({ inputs: ["a", "b c", "a b c"], model });
    const { reply } = await mkimageJson<{ reply: unknown }>(["invoke", ...CELL, event], {
      cwd: project.folder,
    });
    // [CLS] 2, [SEP] 3, a 4, b 5, c 6: the mean of each text's own tokens, whatever it was padded with.
    expect(reply, model).toEqual([[3], [4], [4]]);
  }
});

test.each<{ what: string; options: TinyEncoderOptions; says: string }>([
  {
    what: "an input that no text gives",
    options: { asks: { name: "pixel_values", type: "float32", shape: ["batch", 3] } },
    says: "the graph asks for pixel_values",
  },
  {
    what: "texts without a batch",
    options: { ids: { shape: ["tokens"] } },
    says: "the graph's input input_ids has 1 dimensions",
  },
])("a graph with $what is refused before anything is built", async ({ options, says }) => {
  await writeModels({ odd: options });
  const { exitCode, stderr } = await mkimage(["lock"], { cwd: project.folder });
  expect(stderr).toContain(`Model "odd" cannot do feature-extraction with model.onnx: ${says}`);
  expect(exitCode).toBe(2);
});

test.each<{ what: string; options: TinyEncoderOptions; says: string }>([
  {
    what: "a table of fewer positions than maxTokens",
    options: { positions: 9 },
    says: 'model "odd": its graph takes 9 tokens, and maxTokens is 16: write "maxTokens": 9 into models/odd.json',
  },
  {
    what: "fewer tokens than maxTokens",
    options: { ids: { shape: ["batch", 9] } },
    says: 'the graph takes 9 tokens: write "maxTokens": 9 into the model\'s spec',
  },
])("a graph with $what is refused when it is built, with the remedy", async ({ options, says }) => {
  await writeModels({ odd: options });
  const before = await imagesOf(project.repository);
  const { exitCode, stdout, stderr } = await build();
  expect(exitCode, stderr).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(says);
  expect(stderr).not.toContain("Traceback");
  expect(await imagesOf(project.repository)).toEqual(before);
});
