import type { Task } from "../../../models/tasks.ts";
import type { Kind } from "./check.ts";
import { imageClasses, textClasses } from "./classes.ts";
import { vectors } from "./feature-extraction.ts";
import { masks } from "./fill-mask.ts";
import { spans } from "./question-answering.ts";
import { similarities } from "./sentence-similarity.ts";
import { continuations, rewritings } from "./texts.ts";
import { entities } from "./token-classification.ts";
import { verdicts } from "./zero-shot-classification.ts";

const ARTICLE =
  "The tower is 324 metres tall, about the same height as a building of 81 floors, and the tallest structure in Paris. " +
  "It was the first one in the world to reach a height of 300 metres.";

/** What the smoke test asks of every task and how it judges the answer: a new task is one row here. */
export const KINDS: Readonly<Record<Task, Kind>> = {
  "feature-extraction": vectors,
  "fill-mask": masks,
  "image-classification": imageClasses,
  "question-answering": spans,
  "sentence-similarity": similarities,
  summarization: rewritings("summary_text", ARTICLE),
  "text-classification": textClasses,
  "text-generation": continuations,
  "token-classification": entities,
  translation: rewritings("translation_text", "Hello, how are you?"),
  "zero-shot-classification": verdicts,
};
