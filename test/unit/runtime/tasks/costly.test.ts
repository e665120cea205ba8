import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { MAX_ANSWER } from "../../../../runtime/request/answer-size.ts";
import { infer } from "../../../../runtime/serving/infer.ts";
import { modelPool } from "../../../../runtime/serving/model-pool.ts";
import { ENDLESS } from "../../../support/tiny-models.ts";
import { modelFor, type TaskName } from "./models.ts";

const many = <T>(count: number, value: T): T[] => Array(count).fill(value);

/** Asks for an answer that is a reply of Lambda, within some milliseconds. */
async function ask(task: TaskName, request: object, milliseconds: number): Promise<unknown> {
  const open = async () => modelFor(task);
  const models = modelPool({ names: ["tiny"], fallback: undefined, open, memory: ENDLESS });
  const context = { deadlineMs: Date.now() + milliseconds, requestId: "r", answerLimit: MAX_ANSWER };
  return infer(models, request, context);
}

/** Requests whose shortest answer is too large. */
const TOO_LARGE: readonly (readonly [TaskName, object])[] = [
  ["text-classification", { inputs: many(1_400_000, "a") }],
  ["text-generation", { inputs: many(1_400_000, "a") }],
  ["summarization", { inputs: many(1_400_000, "a") }],
  ["translation", { inputs: many(1_400_000, "a") }],
  ["feature-extraction", { inputs: many(1_600_000, "a") }],
  ["sentence-similarity", { inputs: many(4, { source_sentence: "a", sentences: many(1_000_000, "a") }) }],
  [
    "zero-shot-classification",
    { inputs: many(3000, "a"), parameters: { candidate_labels: many(3000, "b") } },
  ],
  ["fill-mask", { inputs: many(10_000, "[UNK] [UNK] [UNK]"), parameters: { top_k: 1e9 } }],
];

/** Milliseconds that this process has computed for: unlike those of the clock, they do not depend on what else runs. */
function computed(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

test.each(TOO_LARGE)(
  "%s: an answer that cannot fit is refused before it is computed",
  async (task, request) => {
    const start = computed();
    await expect(ask(task, request, 60_000)).rejects.toMatchObject({
      status: 413,
      field: "inputs",
      message: expect.stringMatching(
        /^inputs: the answer would have at least \d+ bytes, and at most 6291556/,
      ),
    });
    expect(computed() - start).toBeLessThan(3000);
  },
);

/** Requests that take longer than there is time. */
const TOO_LONG: readonly (readonly [TaskName, object])[] = [
  ["feature-extraction", { inputs: many(1_400_000, "a") }],
  ["sentence-similarity", { inputs: { source_sentence: "a", sentences: many(1_400_000, "a") } }],
  ["zero-shot-classification", { inputs: "a", parameters: { candidate_labels: many(200_000, "b") } }],
  ["token-classification", { inputs: many(1_400_000, "a") }],
  ["token-classification", { inputs: "a ".repeat(1e6), parameters: { ignore_labels: many(700_000, "x") } }],
  ["fill-mask", { inputs: many(100_000, "[UNK]"), parameters: { targets: many(700_000, "a") } }],
  [
    "question-answering",
    { inputs: { question: "a", context: "b ".repeat(1e6) }, parameters: { top_k: 1000 } },
  ],
  ["question-answering", { inputs: many(100_000, { question: "a", context: "b" }) }],
  ["summarization", { inputs: many(100_000, "a") }],
];

test.each(TOO_LONG)("%s: work that goes on too long ends at its deadline", async (task, request) => {
  const start = computed();
  await expect(ask(task, request, 600)).rejects.toMatchObject({ status: 504 });
  expect(computed() - start).toBeLessThan(600 + 500);
  // What was under way sees the time as well.
  await sleep(50);
});

test.each([
  ["text-generation", { inputs: "a", parameters: { stop: many(257, "b") } }, 400, "257 sequences"],
  ["text-generation", { inputs: many(13, { role: "user", content: "a" }) }, 400, "13 messages"],
  ["text-generation", { inputs: [{ role: "user", content: "a".repeat(2e6) }] }, 413, "2000000 characters"],
  [
    "question-answering",
    { inputs: { question: "a", context: "b" }, parameters: { top_k: 1001 } },
    400,
    "1000",
  ],
  ["feature-extraction", { inputs: "a", parameters: { ["x".repeat(1e6)]: 1 } }, 400, "unknown"],
] as const)("%s: what is too much is refused: $3", async (task, request, status, says) => {
  const error = (await ask(task, request, 60_000).catch((thrown) => thrown)) as Error;
  expect(error).toMatchObject({ status, message: expect.stringContaining(says) });
  expect(error.message.length).toBeLessThan(2100);
});
