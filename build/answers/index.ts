import type { Task } from "../../models/spec.ts";
import { imageClasses, textClasses } from "./classes.ts";
import { entities } from "./entities.ts";
import type { Kind } from "./kind.ts";
import { masks } from "./masks.ts";
import { similarities } from "./similarities.ts";
import { spans } from "./spans.ts";
import { continuations, rewritings } from "./texts.ts";
import { vectors } from "./vector.ts";
import { verdicts } from "./verdicts.ts";

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
