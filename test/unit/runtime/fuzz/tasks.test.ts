import fc from "fast-check";
import { beforeEach, expect, test, vi } from "vitest";
import { modelFor, TASK_NAMES, type TaskName } from "../tasks/models.ts";
import { PICTURES } from "../tasks/painted.ts";
import { asking, mustCope } from "./asking.ts";
import { requestsFor } from "./requests.ts";
import { search } from "./search.ts";

beforeEach(() => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});

/** A request that each task answers. */
const RIGHT: Readonly<Record<TaskName, object>> = {
  "feature-extraction": { inputs: "a b" },
  "fill-mask": { inputs: "a [UNK]" },
  "image-classification": { inputs: PICTURES[0] },
  "question-answering": { inputs: { question: "a", context: "b c" } },
  "sentence-similarity": { inputs: { source_sentence: "a", sentences: ["b", "a"] } },
  summarization: { inputs: "a b" },
  "text-classification": { inputs: "a b" },
  "text-generation": { inputs: "a b" },
  "token-classification": { inputs: "a b" },
  translation: { inputs: "a b" },
  "zero-shot-classification": { inputs: "a", parameters: { candidate_labels: ["b", "c"] } },
};

test.each(TASK_NAMES)("%s: any request is answered or refused, and the next one is right", async (task) => {
  const ask = asking(modelFor(task));
  const answer = await ask(RIGHT[task]);
  await search(fc.asyncProperty(requestsFor(task), (request) => mustCope(ask, request)));
  expect(await ask(RIGHT[task])).toEqual(answer);
});
