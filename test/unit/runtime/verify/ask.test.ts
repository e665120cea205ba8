import { describe, expect, test } from "vitest";
import type { Model, TextModel } from "../../../../runtime/model/model.ts";
import type { Graph } from "../../../../runtime/onnx/graph.ts";
import { taskNamed } from "../../../../runtime/tasks/index.ts";
import { ask } from "../../../../runtime/verify/ask.ts";
import { compared, type Question } from "../../../../runtime/verify/question.ts";
import { tinyGraph, tinyModel } from "../../../support/tiny-model.ts";
import { WRITER } from "../tasks/writer.ts";

const whole = (dims: number[], data: number[]) => ({ dims, data });

/** "a" and "b c" as Python gives them to the tiny graph: [CLS] 2, [SEP] 3, a 4, b 5, c 6. */
const TWO: Question = {
  what: "two texts",
  request: { inputs: ["b c", "a"] },
  streams: false,
  runs: [
    {
      inputs: {
        input_ids: whole([2, 4], [2, 4, 3, 0, 2, 5, 6, 3]),
        attention_mask: whole([2, 4], [1, 1, 1, 0, 1, 1, 1, 1]),
      },
      outputs: {
        last_hidden_state: whole([2, 4, 2], [2, 1, 4, 2, 3, 3, 1000, 1000, 2, 1, 5, 2, 6, 3, 3, 4]),
      },
    },
  ],
};

const [RUN] = TWO.runs;
const changed = (input: "input_ids" | "attention_mask", at: number, value: number): Question => {
  const { dims = [], data = [] } = RUN?.inputs[input] ?? {};
  const inputs = {
    ...RUN?.inputs,
    [input]: { dims, data: data.map((each, i) => (i === at ? value : each)) },
  };
  return { ...TWO, runs: [{ inputs, outputs: RUN?.outputs ?? {} }] };
};

describe("a program that agrees with Python", () => {
  test("has nothing wrong", async () => {
    expect(await ask(tinyModel(), TWO)).toBeUndefined();
  });
});

describe("a program that does not", () => {
  test("reads another token", async () => {
    expect(await ask(tinyModel(), changed("input_ids", 5, 7))).toBe(
      "the program reads two texts differently from Python: input_ids is … [0, 2, 5, 6, 3], and in Python … [0, 2, 7, 6, 3]",
    );
  });

  test("masks another token", async () => {
    expect(await ask(tinyModel(), changed("attention_mask", 3, 1))).toContain("attention_mask is …");
  });

  test("computes another number", async () => {
    const graph = tinyGraph();
    const wrong: Graph = {
      ...graph,
      run: async (feeds, names) =>
        (await graph.run(feeds, names)).map(({ data, dims }) => ({
          data: Float32Array.from(Array.from<number | bigint, number>(data, Number), (x) => x * 1.01),
          dims,
        })),
    };
    expect(await ask(tinyModel(wrong), TWO)).toContain(
      "output last_hidden_state has 1010, and in Python 1000",
    );
  });

  test("runs its graph another number of times", async () => {
    const runs = RUN ? [RUN, RUN] : [];
    expect(await ask(tinyModel(), { ...TWO, runs })).toContain("ran 1 times, and in Python 2 times");
  });
});

describe("a graph that cannot compute", () => {
  const limitedTo = (most: number): Model => {
    const graph = tinyGraph();
    return tinyModel({
      ...graph,
      run: async (feeds, names) => {
        if ((feeds["input_ids"]?.dims[1] ?? 0) > most) throw new Error("indices out of bounds");
        return graph.run(feeds, names);
      },
    });
  };
  const long: Question = { ...TWO, what: "a long text", request: { inputs: "a b c a b c" }, runs: [] };

  test("as many tokens as maxTokens: the most that it can is said", async () => {
    expect(await ask(limitedTo(5), long)).toBe(
      'its graph takes 5 tokens, and maxTokens is 6: write "maxTokens": 5 into models/tiny.json',
    );
  });

  test("anything: its own reason is said", async () => {
    expect(await ask(limitedTo(0), long)).toBe(
      "the program cannot answer a long text: indices out of bounds",
    );
  });
});

describe("a task that writes", () => {
  const question: Question = {
    what: "a text",
    request: { inputs: "a", parameters: { max_new_tokens: 3, return_full_text: false, do_sample: false } },
    streams: true,
    runs: [{ inputs: { input_ids: whole([1, 3], [2, 4, 3]) }, outputs: {} }],
  };
  const writer = (changes: Partial<TextModel> = {}): Model => {
    const base = tinyModel(WRITER, { task: taskNamed("text-generation"), ...changes });
    return { ...base, manifest: { ...base.manifest, task: "text-generation", maxTokens: 12 } };
  };

  test("begins with the text's tokens, and its pieces make the whole", async () => {
    expect(await ask(writer(), question)).toBeUndefined();
  });

  test("loses characters when it is streamed", async () => {
    const task = taskNamed("text-generation");
    async function* stream() {
      yield { token: { text: " a b" } };
    }
    expect(await ask(writer({ task: { ...task, stream } }), question)).toBe(
      'its pieces are " a b", and its whole answer is " a b c"',
    );
  });
});

test("of a long output some numbers are compared, from the first to near the last", () => {
  expect(compared([1, 2, 3])).toEqual([1, 2, 3]);
  const some = compared(Float32Array.from({ length: 1001 }, (_, i) => i));
  expect(some).toHaveLength(334);
  expect(some.slice(0, 3)).toEqual([0, 3, 6]);
});
