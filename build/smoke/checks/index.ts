import type { Task } from "../../../models/tasks.ts";
import type { TaskCheck } from "./check.ts";
import { imageClassification, textClassification } from "./classification.ts";
import { featureExtraction } from "./feature-extraction.ts";
import { fillMask } from "./fill-mask.ts";
import { textGeneration, textToText } from "./generation.ts";
import { questionAnswering } from "./question-answering.ts";
import { sentenceSimilarity } from "./sentence-similarity.ts";
import { tokenClassification } from "./token-classification.ts";
import { zeroShotClassification } from "./zero-shot-classification.ts";

const ARTICLE =
  "The tower is 324 metres tall, about the same height as a building of 81 floors, and the tallest structure in Paris. " +
  "It was the first one in the world to reach a height of 300 metres.";

/** The check of every task. */
export const CHECKS: Readonly<Record<Task, TaskCheck>> = {
  "feature-extraction": featureExtraction,
  "fill-mask": fillMask,
  "image-classification": imageClassification,
  "question-answering": questionAnswering,
  "sentence-similarity": sentenceSimilarity,
  summarization: textToText(
    "summary_text",
    ARTICLE,
    "The tower is 324 metres tall, the tallest structure in Paris.",
  ),
  "text-classification": textClassification,
  "text-generation": textGeneration,
  "token-classification": tokenClassification,
  translation: textToText("translation_text", "Hello, how are you?", "Hallo, wie geht es Ihnen?"),
  "zero-shot-classification": zeroShotClassification,
};
