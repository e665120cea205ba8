import { describe, expect, test } from "vitest";
import { guessTask, onlyTask } from "../../../../../build/models/import/task.ts";
import { refusal } from "../../../../support/refusal.ts";

const title = "hf:a/b";
const config = (architecture: string, more: object = {}) => ({ architectures: [architecture], ...more });

describe("the task of a model", () => {
  test("is what the hub names", () => {
    expect(guessTask({ title, task: "fill-mask", config: config("BertModel") })).toEqual({
      tasks: ["fill-mask"],
      why: "the hub names it",
    });
  });

  // Classes of transformers and the pipelines that they are for: https://huggingface.co/docs/transformers/model_doc/auto
  test.each([
    ["BertModel", ["feature-extraction"]],
    ["BertForMaskedLM", ["fill-mask"]],
    ["DistilBertForSequenceClassification", ["text-classification"]],
    ["BertForTokenClassification", ["token-classification"]],
    ["RobertaForQuestionAnswering", ["question-answering"]],
    ["GPT2LMHeadModel", ["text-generation"]],
    ["Qwen2ForCausalLM", ["text-generation"]],
    ["ViTForImageClassification", ["image-classification"]],
    ["MarianMTModel", ["translation"]],
    ["T5ForConditionalGeneration", ["summarization", "translation"]],
  ])("is told by config.json: %s", (architecture, tasks) => {
    expect(guessTask({ title, config: config(architecture) }).tasks).toEqual(tasks);
  });

  test("may be two for a classifier that tells entailment", () => {
    const label2id = { ENTAILMENT: 0, neutral: 1, contradiction: 2 };
    const guess = guessTask({ title, config: config("BartForSequenceClassification", { label2id }) });
    expect(guess.tasks).toEqual(["text-classification", "zero-shot-classification"]);
  });

  test.each([
    { given: { task: "automatic-speech-recognition" }, says: "which mkimage does not serve" },
    { given: {}, says: "Nothing in hf:a/b says" },
    { given: { config: [] }, says: "Nothing in hf:a/b says" },
    { given: { config: { architectures: "WhisperEncoder" } }, says: "Nothing in hf:a/b says" },
  ])("that is none of ours or cannot be told is an error with --task: $given", async ({ given, says }) => {
    const error = await refusal(() => guessTask({ title, ...given }));
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(says) });
    expect(error.hint).toContain("--task");
  });

  test("that mkimage does not have leads to the nearest one, with a model that would do", async () => {
    const error = await refusal(() =>
      guessTask({ title, task: "object-detection", config: config("DetrModel") }),
    );
    expect(error.message).toBe("hf:a/b is a model for object-detection, which mkimage does not serve");
    expect(error.hint).toMatch(
      /^The nearest task is image-classification, for example: mkimage init hf:Xenova\/vit-base-patch16-224\n/,
    );
  });

  test.each([
    ["conversational", ["text-generation"]],
    ["text-ranking", ["text-classification"]],
  ])("is taken for ours where the hub has another name for it: %s", (task, tasks) => {
    expect(guessTask({ title, task })).toEqual({ tasks, why: `the hub names ${task}` });
  });

  test("has to be chosen where there are several", async () => {
    const guess = guessTask({ title, task: "text2text-generation" });
    expect(await refusal(() => onlyTask(guess, title))).toMatchObject({
      exitCode: 2,
      message: "hf:a/b may be a model for summarization or translation: the hub names text2text-generation",
      hint: "Choose: --task summarization",
    });
    expect(onlyTask({ tasks: ["fill-mask"], why: "" }, title)).toBe("fill-mask");
  });
});
