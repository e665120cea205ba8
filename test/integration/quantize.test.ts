import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imagesOf } from "../support/engine.ts";
import { mkimage, mkimageJson } from "../support/mkimage.ts";
import { MODEL, makeProject, type Project } from "../support/project.ts";
import { type TinyOptions, tinyOnnx } from "../support/tiny-onnx.ts";
import { TINY_TOKENIZER } from "../support/tiny-tokenizer.ts";

const CELL = ["--os", "alpine", "--arch", "amd64"];
const OTHER = "all-minilm-l6-v2";

interface Inspected {
  readonly layers: readonly { part: string; size: number }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly models: readonly {
    name: string;
    figures: Record<string, number>;
    samples: number;
    notes: string[];
  }[];
}

/** Writes a change into a model's spec. */
async function changeSpec(project: Project, name: string, change: object): Promise<void> {
  const path = join(project.folder, "models", `${name}.json`);
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), ...change }));
}

const inspect = async (project: Project, quantization: string): Promise<Inspected> => {
  const args = ["inspect", ...CELL, "--quantization", quantization];
  const [image] = await mkimageJson<Inspected[]>(args, { cwd: project.folder });
  return image as Inspected;
};

const modelSize = ({ layers }: Inspected) =>
  layers.filter(({ part }) => part.startsWith("model ")).reduce((sum, { size }) => sum + size, 0);

describe("a real model", () => {
  let project: Project;
  const build = (...args: string[]) => mkimage(["build", ...CELL, ...args], { cwd: project.folder });

  beforeAll(async () => {
    project = await makeProject();
    const { exitCode, stderr } = await build("--quantization", "fp32,int8,int4");
    expect(exitCode, stderr).toBe(0);
  });
  afterAll(() => project?.remove());

  test("answers in every number format as its gate asks, under Lambda's limits", async () => {
    const tested = await mkimageJson<{ name: string; largestDifference: number }[]>(
      ["test", ...CELL, "--quantization", "fp32,int8,int4"],
      { cwd: project.folder },
    );
    expect(tested.map(({ name }) => name)).toEqual([
      "alpine-amd64",
      "alpine-amd64-int8",
      "alpine-amd64-int4",
    ]);
    expect(tested[0]?.largestDifference).toBeLessThan(1e-3);
  });

  test("has its figures in inspect and its gate in labels, and gets smaller", async () => {
    const [fp32, int8, int4] = [
      await inspect(project, "fp32"),
      await inspect(project, "int8"),
      await inspect(project, "int4"),
    ];
    expect(fp32.models[0]).toMatchObject({
      name: MODEL,
      samples: 212,
      figures: { "cosine.min": 1 },
      notes: [],
    });
    for (const { models, labels } of [int8, int4]) {
      const figures = models[0]?.figures ?? {};
      expect(figures["cosine.min"]).toBeGreaterThan(0.95);
      expect(figures["cosine.min"]).toBeLessThan(1);
      expect(labels["mkimage.gate.cosine"]).toBe("0.95");
    }
    expect(modelSize(int8)).toBeLessThan(0.3 * modelSize(fp32));
    expect(modelSize(int4)).toBeLessThan(0.3 * modelSize(fp32));
  });

  test("below its gate is refused with a table, and the old image stays", async () => {
    const before = await imagesOf(project.repository);
    const old = await inspect(project, "int8");
    await changeSpec(project, MODEL, { gate: { cosine: 0.9999 } });
    const { exitCode, stdout, stderr } = await build("--quantization", "int8");
    await changeSpec(project, MODEL, { gate: {} });
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    const lines = stderr.split("\n");
    const head = lines.findIndex((line) =>
      line.startsWith(`mkimage: model "${MODEL}" as int8 is not as accurate`),
    );
    expect(lines[head]).toMatch(/: 212 of 212 samples$/);
    expect(lines[head + 1]).toMatch(/^sample +figure +value +gate$/);
    expect(lines[head + 2]).toMatch(/^".+" +cosine +0\.99\d\d +>= 0\.9999$/);
    expect(stderr).toContain("… and 200 more");
    expect(await imagesOf(project.repository)).toEqual(before);
    expect((await inspect(project, "int8")).labels).toEqual(old.labels);
  });

  test("several below their gates are all listed, with the field and the file of the limit", async () => {
    await changeSpec(project, MODEL, { gate: { cosine: 0.9999 } });
    const { exitCode, stderr } = await build("--quantization", "int8,int4");
    await changeSpec(project, MODEL, { gate: {} });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("mkimage: 2 models are not as accurate as their gates require");
    for (const name of ["int8", "int4"])
      expect(stderr).toContain(`\nmodel "${MODEL}" as ${name} is not as accurate as its gate requires`);
    expect(stderr).toContain(`\`gate.cosine\` in models/${MODEL}.json (now 0.9999)`);
  });

  test("broken by its quantization is refused", async () => {
    const { exitCode, stderr } = await build("--quantization", "int8-static");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `mkimage: model "${MODEL}" as int8-static is not as accurate as its gate requires`,
    );
  });
});

describe("several models in one function", () => {
  let project: Project;
  beforeAll(async () => {
    project = await makeProject();
    await project.writeConfig({
      functions: { [project.function]: { models: [MODEL, OTHER] } },
      repository: "mkimage-test/<function>",
    });
  });
  afterAll(() => project?.remove());

  test("answer by name, each as its own gate asks, and the first one where none is named", async () => {
    const run = { cwd: project.folder };
    const built = await mkimage(["build", ...CELL, "--quantization", "int8"], run);
    expect(built.exitCode, built.stderr).toBe(0);
    const tested = await mkimage(["test", ...CELL, "--quantization", "int8"], run);
    expect(tested.exitCode, tested.stderr).toBe(0);
    const answers: number[][] = [];
    for (const model of [undefined, MODEL, OTHER]) {
      const event = JSON.stringify({ inputs: "hello world", model });
      const args = ["invoke", ...CELL, "--quantization", "int8", event];
      answers.push((await mkimageJson<{ reply: number[] }>(args, run)).reply);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[2]).not.toEqual(answers[1]);
    const image = await inspect(project, "int8");
    expect(image.models.map(({ name }) => name)).toEqual([MODEL, OTHER]);
    expect(image.labels).toMatchObject({ "mkimage.models": `${MODEL},${OTHER}`, "mkimage.model": MODEL });
    expect(image.labels).toHaveProperty([`mkimage.gate.${OTHER}.cosine`]);
  });

  test("weights that ONNX Runtime folds back to 32 bits are noticed and said", async () => {
    const args = [...CELL, "--model", OTHER, "--quantization", "prequantized"];
    const { exitCode, stderr } = await mkimage(["build", ...args], { cwd: project.folder });
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toMatch(
      new RegExp(
        `note: ${OTHER} as prequantized: ONNX Runtime folds it back to 32 bits.*22\\.9 MB.*90\\.3 MB`,
      ),
    );
    const [image] = await mkimageJson<Inspected[]>(["inspect", ...args], { cwd: project.folder });
    expect(image?.models[0]?.notes).toEqual([expect.stringContaining("folds it back to 32 bits")]);
  });
});

describe("a file that nobody vouches for", () => {
  let project: Project;
  beforeAll(async () => {
    project = await makeProject();
    await project.writeConfig({
      functions: { [project.function]: { model: "tiny" } },
      repository: "mkimage-test/<function>",
    });
    await mkdir(join(project.folder, "weights"));
    await writeFile(join(project.folder, "weights/tokenizer.json"), JSON.stringify(TINY_TOKENIZER));
  });
  afterAll(() => project?.remove());

  async function buildFrom(content: Buffer, more: Readonly<Record<string, string>> = {}) {
    const paths = ["model.onnx", "tokenizer.json", ...Object.keys(more)];
    for (const [path, text] of Object.entries({ "model.onnx": content, ...more })) {
      await mkdir(dirname(join(project.folder, "weights", path)), { recursive: true });
      await writeFile(join(project.folder, "weights", path), text);
    }
    const files = Object.fromEntries(paths.map((path) => [path, path]));
    const spec = { task: "feature-extraction", source: "file:weights", files, normalize: false };
    await writeFile(join(project.folder, "models/tiny.json"), JSON.stringify(spec));
    const locked = await mkimage(["lock"], { cwd: project.folder });
    expect(locked.exitCode, locked.stderr).toBe(0);
    return mkimage(["build", ...CELL], { cwd: project.folder });
  }

  test.each<{ what: string; options: TinyOptions; says: string }>([
    {
      what: "an absolute path",
      options: { weightIn: "/etc/passwd" },
      says: 'model.onnx keeps the tensor "weight" outside of its own folder, in "/etc/passwd"',
    },
    {
      what: "a path upwards",
      options: { weightIn: "../../../etc/passwd" },
      says: 'model.onnx keeps the tensor "weight" outside of its own folder, in "../../../etc/passwd"',
    },
    {
      what: "a file that is not there",
      options: { weightIn: "weights.bin" },
      says: 'model.onnx keeps the tensor "weight" in "weights.bin", which is not among the model\'s files',
    },
    {
      what: "an opset too new",
      options: { opset: 99 },
      says: "cannot open model.onnx: it needs opset 99, and the newest one supported is",
    },
  ])("$what: exit code 1, and what is wrong", async ({ options, says }) => {
    const { exitCode, stderr } = await buildFrom(tinyOnnx(options));
    expect(exitCode).toBe(1);
    expect(stderr).toContain(says);
    expect(stderr).not.toContain("Traceback");
    expect(await imagesOf(project.repository)).toEqual([]);
  });

  test.each([
    { what: "cut off", content: tinyOnnx().subarray(0, 100) },
    { what: "a page of HTML", content: Buffer.from("<html><body>Not found</body></html>") },
  ])("$what: exit code 1, and what is wrong", async ({ content }) => {
    const { exitCode, stderr } = await buildFrom(content);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("mkimage: model.onnx is not a whole ONNX file: it is damaged or cut off");
    expect(await imagesOf(project.repository)).toEqual([]);
  });

  test("a good one is built, with weights in a file of any name, and pools as its own files say", async () => {
    const { exitCode, stderr } = await buildFrom(tinyOnnx({ weightIn: "parts/weights of it" }), {
      "parts/weights of it": "\0\0\0\0",
      "1_Pooling/config.json": '\uFEFF{"pooling_mode":["max","lasttoken","weightedmean"]}',
      "tokenizer.json": `\uFEFF${JSON.stringify(TINY_TOKENIZER)}`,
    });
    expect(exitCode, stderr).toBe(0);
    // [CLS] a c b [SEP] are 2 4 6 5 3.
    const { reply } = await mkimageJson<{ reply: number[] }>(["invoke", ...CELL, '{"inputs":"a c b"}'], {
      cwd: project.folder,
    });
    expect(reply.map((each) => Number(each.toFixed(4)))).toEqual([6, 3, 4.2]);
  });
});
