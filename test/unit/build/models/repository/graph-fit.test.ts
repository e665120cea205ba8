import { describe, expect, test } from "vitest";
import { type Fit, requireFit, requireTokenizer } from "../../../../../build/models/repository/graph-fit.ts";
import type { FilePort } from "../../../../../build/models/repository/onnx-file.ts";
import { graphFiles, type Task, taskRow } from "../../../../../models/tasks.ts";
import { checkModel } from "../../../../../runtime/serving/check-model.ts";
import { refusal } from "../../../../support/refusal.ts";
import { modelFor, TASK_NAMES } from "../../../runtime/tasks/models.ts";

const FILES = { "tokenizer.json": "t.json" };
const port = (name: string, type?: string, shape?: FilePort["shape"]): FilePort => ({ name, type, shape });
const ids = port("input_ids", "int64", ["batch", "tokens"]);
const floats = (name: string, ...shape: (string | number)[]) => port(name, "float32", shape);
const PICTURE = floats("pixel_values", "batch", 3, 224, 224);

/** A task's only graph with these inputs and outputs. */
const judge = (task: Task, [inputs, outputs]: [FilePort[], FilePort[]], more: Partial<Fit> = {}) =>
  requireFit({
    name: "m",
    spec: { task },
    graphs: { [graphFiles(task)[0] as string]: { inputs, outputs } },
    files: {},
    ...more,
  });

describe("a graph of another task", () => {
  test.each<[Task, [FilePort[], FilePort[]], string]>([
    ["text-classification", [[ids], [floats("last_hidden_state", "b", "t", 384)]], "no output for logits"],
    ["zero-shot-classification", [[ids], [floats("logits", "b", "t", 9)]], "no output for logits"],
    ["feature-extraction", [[ids], [floats("logits", "b", 2)]], "no output for vectors"],
    ["sentence-similarity", [[PICTURE], [floats("last_hidden_state", "b", "t", 8)]], "asks for pixel_values"],
    ["fill-mask", [[ids], [floats("logits", "b", 2)]], "no output for tokenLogits"],
    [
      "token-classification",
      [[ids], [floats("last_hidden_state", "b", "t", 8)]],
      "no output for tokenLogits",
    ],
    ["question-answering", [[ids], [floats("logits", "b", "t", 9)]], "no output for startLogits"],
    ["image-classification", [[ids], [floats("logits", "b", 2)]], "needs a graph with one input of floats"],
    ["image-classification", [[PICTURE], [floats("last_hidden_state", "b", 197, 8)]], "no output for logits"],
    ["text-generation", [[ids], [floats("logits", "b", 2)]], "no output for tokenLogits"],
    [
      "text-generation",
      [[ids, floats("encoder_hidden_states", "b", "t", 8)], [floats("logits", "b", "t", 9)]],
      "asks for encoder_hidden_states, which neither a text",
    ],
    ["summarization", [[ids], [floats("logits", "b", 2)]], "no output for vectors"],
    ["translation", [[PICTURE], [floats("last_hidden_state", "b", "t", 8)]], "asks for pixel_values"],
  ])("%s: %j is refused", async (task, ports, says) => {
    const error = await refusal(async () => judge(task, ports));
    expect(error).toMatchObject({ exitCode: 2, hint: expect.stringContaining("models/m.json") });
    const [file] = graphFiles(task);
    expect(error.message).toContain(`Model "m" cannot do ${task} with ${file}: `);
    expect(error.message).toContain(says);
    expect(error.message).toMatch(/its inputs: .+\n {2}its outputs: .+\n {2}needed: .+\[batch/);
  });

  test("the second graph is looked at as well", async () => {
    const graphs = {
      "encoder_model.onnx": { inputs: [ids], outputs: [floats("last_hidden_state", "b", "t", 8)] },
      "decoder_model_merged.onnx": { inputs: [ids, PICTURE], outputs: [floats("logits", "b", "t", 9)] },
    };
    const error = await refusal(async () => judge("translation", [[], []], { graphs }));
    expect(error.message).toMatch(/with decoder_model_merged\.onnx: the graph asks for pixel_values/);
  });
});

describe("a decoder with a cache", () => {
  const past = floats("past_key_values.0.key", "batch", "heads", "past", "size");
  const present = floats("present.0.key", "batch", "heads", "all", "size");
  const ports = (outputs: FilePort[]): [FilePort[], FilePort[]] => [
    [ids, past],
    [floats("logits", "b", "t", 9), ...outputs],
  ];

  test("needs the sizes that config.json has", async () => {
    const error = await refusal(async () => judge("text-generation", ports([present])));
    expect(error.message).toContain("dimension 1");
    const config = { num_attention_heads: 4, hidden_size: 64 };
    expect(() =>
      judge("text-generation", ports([present]), { files: { "config.json": config } }),
    ).not.toThrow();
  });

  test("gives what it asks for at the next step", async () => {
    const error = await refusal(async () => judge("text-generation", ports([])));
    expect(error.message).toContain("asks for past_key_values.0.key, and no output of it gives that");
  });
});

describe("what is left to the runtime", () => {
  test.each<[string, [FilePort[], FilePort[]]]>([
    ["an output without a shape", [[ids], [port("y", "float32")]]],
    ["an output without a type", [[ids], [port("y", undefined, ["b", "t"])]]],
    ["an input without a shape", [[port("x", "float32")], [floats("logits", "b", 2)]]],
  ])("%s", (_, ports) => {
    for (const task of TASK_NAMES) expect(() => judge(task, ports)).not.toThrow();
  });

  test("a graph that the cache has not, or that cannot be read", () => {
    expect(() => judge("fill-mask", [[], []], { graphs: {} })).not.toThrow();
  });
});

test("an output that the spec names is taken, and has to be there", async () => {
  const spec = { task: "text-classification", outputs: { logits: "y" } } as const;
  expect(() => judge("text-classification", [[ids], [floats("y", "b", "t", 9)]], { spec })).not.toThrow();
  const error = await refusal(async () =>
    judge("text-classification", [[ids], [floats("logits", "b", 2)]], { spec }),
  );
  expect(error.message).toContain('names "y" as logits');
});

test.each(TASK_NAMES)("%s needs tokenizer.json where it reads texts", async (task) => {
  expect(() => requireTokenizer("m", { task, files: FILES })).not.toThrow();
  const without = () => requireTokenizer("m", { task, files: { "config.json": "c" } });
  if (taskRow(task).reads === "images") return expect(without).not.toThrow();
  expect(await refusal(async () => without())).toMatchObject({
    exitCode: 2,
    message: `models/m.json has no tokenizer.json among its files, and ${task} needs it`,
    hint: expect.stringContaining("It has: config.json."),
  });
});

/** Whether a function throws. */
function throws(run: () => void): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}

describe.each(TASK_NAMES)("the build refuses for %s what the runtime does, and nothing else", (task) => {
  test.each(TASK_NAMES)("a model of %s", (other) => {
    const { graphs: own, graph, config, manifest } = modelFor(other);
    const files = graphFiles(task);
    const graphs = files.map((_, index) => own[index] ?? graph);
    // The tokenizer and pictures are the task's own: the graphs alone are in question.
    const model = { ...modelFor(task), graph: graphs[0] ?? graph, graphs, config };
    const spec = { task, outputs: manifest.outputs };
    const named = {
      ...model,
      manifest: { ...model.manifest, ...(manifest.outputs && { outputs: manifest.outputs }) },
    };
    const built = throws(() =>
      requireFit({
        name: "m",
        spec,
        graphs: Object.fromEntries(files.map((file, index) => [file, graphs[index] ?? graph])),
        files: { "config.json": config },
      }),
    );
    expect(built).toBe(throws(() => checkModel(named)));
    if (task === other) expect(built).toBe(false);
  });
});
