import type { Task as TaskName } from "../../models/tasks.ts";
import type { Task } from "../model/model.ts";
import { featureExtraction } from "./feature-extraction.ts";
import { fillMask } from "./fill-mask.ts";
import { imageClassification } from "./image-classification.ts";
import { questionAnswering } from "./question-answering.ts";
import { sentenceSimilarity } from "./sentence-similarity.ts";
import { textToText } from "./seq2seq.ts";
import { textClassification } from "./text-classification.ts";
import { textGeneration } from "./text-generation.ts";
import { tokenClassification } from "./token-classification.ts";
import { zeroShotClassification } from "./zero-shot-classification.ts";

/** Every task by its name on the Hugging Face hub; a new task is one row here and one file beside. */
const TASKS: Readonly<Record<TaskName, Task>> = {
  "feature-extraction": featureExtraction,
  "fill-mask": fillMask,
  "image-classification": imageClassification,
  "question-answering": questionAnswering,
  "sentence-similarity": sentenceSimilarity,
  summarization: textToText("summarization", "summary_text"),
  "text-classification": textClassification,
  "text-generation": textGeneration,
  "token-classification": tokenClassification,
  translation: textToText("translation", "translation_text"),
  "zero-shot-classification": zeroShotClassification,
};

/** @throws Error for a model of a newer build, whose task this runtime does not have */
export function taskNamed(name: TaskName): Task {
  if (Object.hasOwn(TASKS, name)) return TASKS[name];
  throw new Error(`unknown task "${name}": this runtime has ${Object.keys(TASKS).join(", ")}`);
}
