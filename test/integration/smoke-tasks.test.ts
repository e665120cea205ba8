import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { names } from "../../build/catalog.ts";
import { connectDocker } from "../../build/clients/docker.ts";
import { CHAT, HEALTH, REFUSED, STREAMED, taskCall } from "../../build/docs/tasks.ts";
import { withSandbox } from "../../build/smoke/sandbox.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { TASKS, type Task } from "../../models/tasks.ts";
import { withFunctionUrl } from "../support/function-url.ts";
import { mkimage, mkimageJson } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";
import { addModel, madeModels, type Sample } from "../support/task-models.ts";

const CELL = ["--os", "debian", "--arch", "amd64"];
const models = madeModels();

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
  languages: ["nllb", "translation"],
  vectors: ["bert-vectors", "feature-extraction"],
  vit: ["vit", "image-classification"],
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
    const answers = await addModel(project, { name, made: join(models, source), task });
    samples[name] = toSample(task, answers);
    // A sample's image is a file of the project.
    if (task !== "image-classification") await writeSpec(name, [samples[name]]);
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
    wrong: (reply: unknown) => (reply as object[]).map((one) => but(one, { score: 0.5 })),
    says: "nli, sample 1: answer[",
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

test("--update writes what Python's own pipelines answer, and the images are compared with it", async () => {
  const asked = Object.entries(samples).filter(([name]) => name !== "vit" && name !== "languages");
  for (const [name, { expected: _, ...sample }] of asked) await writeSpec(name, [sample]);
  const { exitCode, stderr } = await mkimage(["test", "--update", ...CELL], run());
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toContain(
    "vit, sample 1: the reference has no reply: it has no reply for image-classification",
  );
  for (const [name, { expected }] of asked) {
    const { samples: written } = JSON.parse(
      await readFile(join(project.folder, `models/${name}.samples.json`), "utf8"),
    );
    expect(written[0].expected, name).toEqual(near(expected));
  }
  const again = await mkimage(["test", "--update", ...CELL], run());
  expect(again.stderr).toContain("models/moods.samples.json: 1 reply, as before");
  const file = join(project.folder, "models/moods.samples.json");
  await writeFile(file, (await readFile(file, "utf8")).replace('"joy"', '"sorrow"'));
  const wrong = await mkimage(["test", ...CELL], run());
  expect(wrong.exitCode).toBe(1);
  expect(wrong.stderr).toMatch(/moods, sample 1: answer\[0\]\[\d\]\.label is "joy", expected "sorrow"/);
});

/** A value without what depends on the model: types in place of numbers and texts, each form of a list's items once. */
function formOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    const forms = new Map(value.map(formOf).map((form) => [JSON.stringify(form), form]));
    return [...forms.values()];
  }
  if (typeof value !== "object" || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, formOf(each)]));
}

test("docs/tasks.md: its requests get replies of the forms that it has", async () => {
  const nameOf = (task: Task) => Object.entries(MODELS).find(([, [, its]]) => its === task)?.[0];
  const calls = names(TASKS).map((task) => ({ task, model: nameOf(task), ...taskCall(task) }));
  const http = (method: string, body = "") => ({
    version: "2.0",
    rawPath: "/health",
    requestContext: { http: { method, path: "/health" } },
    headers: { "content-type": "application/json" },
    body,
    isBase64Encoded: false,
  });
  const events = [
    ...calls.map(({ model, request }) => ({ ...request, model })),
    { ...STREAMED.request, model: "gpt2" },
    { ...CHAT.request, model: "gpt2" },
    http("GET"),
    http("POST", JSON.stringify(REFUSED.request)),
  ];
  const target = {
    reference: `${project.repository}:debian-amd64`,
    arch: "amd64",
    memory: 1769,
    function: project.function,
  } as const;
  const { signal } = new AbortController();
  const replies = await withSandbox(await connectDocker(), target, { signal }, async ({ invoke }) =>
    (await invoke(events.map((event) => JSON.stringify(event)))).map(({ body }) => body),
  );
  for (const { task, reply } of calls)
    expect({ task, form: formOf(JSON.parse(replies.shift() ?? "")) }).toEqual({ task, form: formOf(reply) });
  const pieces = (replies.shift() ?? "").trim().split("\n\n");
  expect(formOf(pieces.map((piece) => JSON.parse(piece.replace(/^data: ?/, ""))))).toEqual(
    formOf(STREAMED.events),
  );
  expect(formOf(JSON.parse(replies.shift() ?? ""))).toEqual(formOf(CHAT.reply));
  const [health, refused] = replies.map((reply) => JSON.parse(reply));
  expect(formOf(JSON.parse(health.body))).toEqual(formOf(HEALTH));
  expect(JSON.parse(refused.body)).toEqual(REFUSED.reply);
});

/** What one call of Hugging Face's client came to. */
interface Call {
  readonly task: string;
  /** The one that it was made with beside the request; null for none. */
  readonly parameter: string | null;
  readonly value?: unknown;
  readonly refused?: { readonly status: number; readonly error: string };
}

/** Numbers within what two builds of a kernel may differ by, everything else exactly; the client may add fields. */
function near(expected: unknown): unknown {
  if (typeof expected === "number") return expect.closeTo(expected, 3);
  if (Array.isArray(expected)) return expected.map(near);
  if (typeof expected !== "object" || expected === null) return expected;
  const fields = Object.entries(expected).map(([key, value]) => [key, near(value)]);
  return expect.objectContaining(Object.fromEntries(fields));
}

/** What the client takes out of the list around an answer. */
const UNWRAPPED: Partial<Record<Task, (reply: unknown) => unknown>> = {
  summarization: (reply) => (reply as unknown[])[0],
  "text-classification": (reply) => (reply as unknown[])[0],
  "text-generation": (reply) => (reply as { generated_text: string }[])[0]?.generated_text,
  translation: (reply) => (reply as unknown[])[0],
};

describe("huggingface_hub's InferenceClient, at a Function URL", () => {
  /** One model of each task. */
  const asked = Object.entries(MODELS).filter(([name]) => name !== "other-mask" && name !== "translation");
  let calls: Call[];

  beforeAll(async () => {
    const python = execFileSync(join(TOOL_ROOT, "test/fixtures/client/up"), { encoding: "utf8" }).trim();
    const reference = `${project.repository}:debian-amd64`;
    const requests = Object.fromEntries(asked.map(([name, [, task]]) => [task, samples[name]]));
    const input = JSON.stringify({ ...requests, "chat-completion": { inputs: null } });
    const { signal } = new AbortController();
    const target = { reference, arch: "amd64", memory: 1769, function: project.function } as const;
    const { stdout } = await withSandbox(await connectDocker(), target, { signal }, ({ invoke }) =>
      withFunctionUrl(
        async (event) => (await invoke([event]))[0]?.body ?? "",
        (url) =>
          execa(python, [join(TOOL_ROOT, "test/fixtures/client/calls.py"), url], {
            input,
            env: { NO_PROXY: "127.0.0.1", HF_HUB_DISABLE_TELEMETRY: "1" },
          }),
      ),
    );
    calls = stdout.split("\n").map((line) => JSON.parse(line));
  });

  test("every call is answered, or refused with its reason", () => {
    const refused = calls.flatMap(({ task, parameter, refused }) =>
      refused ? [{ call: `${task} ${parameter}`, ...refused }] : [],
    );
    for (const { call, status, error } of refused)
      expect({ call, status, error }).toEqual({
        call,
        status: 400,
        error: expect.stringContaining("not supported"),
      });
    expect(refused.map(({ call }) => call).sort()).toEqual([
      "chat-completion logit_bias",
      "chat-completion n",
      "chat-completion response_format",
      "chat-completion tool_choice",
      "chat-completion tool_prompt",
      "chat-completion tools",
      "text-generation adapter_id",
      "text-generation best_of",
      "text-generation decoder_input_details",
      "text-generation grammar",
      "text-generation watermark",
    ]);
    expect(calls).toHaveLength(83);
  });

  test.each(asked)(
    "%s is answered as by Python's pipelines, in the shape that the client reads",
    (name, [, task]) => {
      const { expected } = samples[name] as Sample;
      const answer = calls.find((call) => call.task === task && call.parameter === null);
      expect(answer?.value).toEqual(near((UNWRAPPED[task] ?? ((reply) => reply))(expected)));
    },
  );

  test("a chat is answered whole and in pieces that are the same text", () => {
    const valueWith = (parameter: string | null) =>
      calls.find((call) => call.task === "chat-completion" && call.parameter === parameter)?.value;
    const whole = valueWith(null) as { choices: { message: object }[]; usage: object };
    const pieces = valueWith("stream") as {
      choices: { delta: { content: string }; finish_reason: string | null }[];
    }[];
    const text = pieces.map(({ choices: [choice] }) => choice?.delta.content).join("");
    expect(whole).toMatchObject({
      choices: [{ message: { role: "assistant", content: text }, finish_reason: "length" }],
      usage: { completion_tokens: 5 },
    });
    expect(pieces.at(-1)?.choices[0]?.finish_reason).toBe("length");
    const usage = (valueWith("stream_options") as object[]).at(-1);
    expect(usage).toMatchObject({ choices: [], usage: whole.usage });
  });

  test("a text is told in pieces that are the whole, with details when they are asked for", () => {
    const valueWith = (parameter: string | null) =>
      calls.find((call) => call.task === "text-generation" && call.parameter === parameter)?.value;
    const prompt = String(samples["gpt2"]?.inputs);
    expect([prompt, ...(valueWith("stream") as string[])].join("")).toBe(valueWith(null));
    expect(valueWith("details")).toMatchObject({
      generated_text: valueWith(null),
      details: { finish_reason: "length", generated_tokens: 12, prefill: [], tokens: { length: 12 } },
    });
  });
});
