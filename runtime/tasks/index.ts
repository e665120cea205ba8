import type { ModelManifest } from "../../models/spec.ts";
import { featureExtraction } from "./feature-extraction.ts";
import type { Task } from "./task.ts";

/** Every task by its name on the Hugging Face hub; a new task is one row here and one file beside. */
const TASKS: Readonly<Record<ModelManifest["task"], Task>> = {
  "feature-extraction": featureExtraction,
};

/** The task of that name; an image of a newer build may ask for one that this runtime has not. */
export function taskNamed(name: ModelManifest["task"]): Task {
  if (Object.hasOwn(TASKS, name)) return TASKS[name];
  throw new Error(`unknown task "${name}": this runtime has ${Object.keys(TASKS).join(", ")}`);
}
