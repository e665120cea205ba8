import { execFileSync } from "node:child_process";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TOOL_ROOT } from "../../build/project.ts";
import { type Task, taskRow } from "../../models/spec.ts";
import { mkimage, mkimageJson } from "./support/mkimage.ts";
import { makeProject, type Project } from "./support/project.ts";

const CELL = ["--os", "debian", "--arch", "amd64"];
const models = execFileSync(join(TOOL_ROOT, "test/models/up"), { encoding: "utf8" }).trim();

interface Sample {
  readonly inputs: unknown;
  readonly parameters?: object;
  readonly expected?: unknown;
}

/** Name → the small model that it is, and its task. Two have the mask token of different families. */
const MODELS: Readonly<Record<string, readonly [string, Task]>> = {
  moods: ["bert-moods", "text-classification"],
  entities: ["bert-entities", "token-classification"],
  nli: ["bert-nli", "zero-shot-classification"],
  answers: ["bert-answers", "question-answering"],
  mask: ["bert-mask", "fill-mask"],
  "other-mask": ["roberta-mask", "fill-mask"],
  similar: ["bert-vectors", "sentence-similarity"],
  gpt2: ["gpt2", "text-generation"],
  summary: ["t5", "summarization"],
  translation: ["marian", "translation"],
};

/** The first request of Python's pipeline with its reply, as our function replies. */
function toSample(task: Task, answers: readonly Sample[]): Sample {
  const [first, ...others] = answers as [Sample, ...Sample[]];
  if (task === "text-classification") return { ...first, expected: [first.expected] };
  if (task !== "sentence-similarity") return first;
  const vectors = answers.map(({ expected }) => expected as number[]);
  const cosine = (other: number[]) =>
    other.reduce((sum, value, i) => sum + value * (vectors[0]?.[i] ?? 0), 0);
  return {
    inputs: { source_sentence: first.inputs, sentences: others.map(({ inputs }) => inputs) },
    expected: vectors.slice(1).map(cosine),
  };
}

let project: Project;
const samples: Record<string, Sample> = {};
const run = () => ({ cwd: project.folder });
const specPath = (name: string) => join(project.folder, `models/${name}.json`);

async function writeSpec(name: string, its: readonly Sample[]): Promise<void> {
  const spec = JSON.parse(await readFile(specPath(name), "utf8"));
  await writeFile(specPath(name), JSON.stringify({ ...spec, samples: its }));
}

beforeAll(async () => {
  project = await makeProject();
  for (const [name, [source, task]] of Object.entries(MODELS)) {
    const folder = join(project.folder, name);
    const filter = (path: string) => !path.endsWith("/onnx");
    await cp(join(models, source), folder, { recursive: true, dereference: true, filter });
    const answers = JSON.parse(await readFile(join(folder, "expected.json"), "utf8"));
    const sample = toSample(task, answers);
    const kept = (file: string) => /(config|tokenizer)\.json$/.test(file);
    const names = [...taskRow(task).graphs, ...(await readdir(folder)).filter(kept)];
    const files = Object.fromEntries(names.map((file) => [file, file]));
    const spec = { task, source: `file:${name}`, files, maxTokens: 128, samples: [sample] };
    samples[name] = sample;
    await writeFile(specPath(name), JSON.stringify(spec));
  }
  await project.writeConfig({
    functions: { [project.function]: { models: Object.keys(MODELS) } },
    repository: "mkimage-test/<function>",
  });
  const locked = await mkimage(["lock"], run());
  expect(locked.exitCode, locked.stderr).toBe(0);
  const built = await mkimage(["build", ...CELL], run());
  expect(built.exitCode, built.stderr).toBe(0);
});
afterAll(() => project?.remove());

test("every task passes with what Python answers as `expected`, under Lambda's limits", async () => {
  const [tested] = await mkimageJson<{ largestDifference: number }[]>(["test", ...CELL], run());
  expect(tested?.largestDifference).toBeGreaterThan(0);
  expect(tested?.largestDifference).toBeLessThan(1e-3);
});

/** An object with one of its fields as something else. */
const but = (reply: unknown, change: object): unknown => ({ ...(reply as object), ...change });

test.each([
  {
    name: "answers",
    wrong: (reply: unknown) => but(reply, { answer: "nobody" }),
    says: "answers, sample 1: answer.answer is",
  },
  { name: "mask", wrong: () => [], says: "mask, sample 1: answer has 5 items, expected 0" },
  {
    name: "gpt2",
    wrong: () => [{ generated_text: "nothing" }],
    says: "gpt2, sample 1: answer[0].generated_text is",
  },
  {
    name: "nli",
    wrong: (reply: unknown) => but(reply, { scores: (reply as { scores: number[] }).scores.map(() => 0.5) }),
    says: "nli, sample 1: answer.scores[",
  },
])("another `expected` of $name ends with exit code 1: $says", async ({ name, wrong, says }) => {
  const sample = samples[name] as Sample;
  await writeSpec(name, [{ ...sample, expected: wrong(sample.expected) }]);
  const { exitCode, stderr } = await mkimage(["test", ...CELL], run());
  await writeSpec(name, [sample]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(says);
});

test("a request that the task refuses is told with its sample and the function's words", async () => {
  await writeSpec("mask", [{ inputs: "There is nothing to fill." }]);
  const { exitCode, stderr } = await mkimage(["test", ...CELL], run());
  await writeSpec("mask", [samples["mask"] as Sample]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("mask, sample 1: The answer is an error");
  expect(stderr).toContain("there is no [MASK] in it");
});

test("every task passes without samples", async () => {
  for (const name of Object.keys(MODELS)) await writeSpec(name, []);
  const { exitCode, stderr } = await mkimage(["test", ...CELL], run());
  expect(exitCode, stderr).toBe(0);
});
