import type { Argv } from "yargs";
import { TASKS, type Task } from "../../models/tasks.ts";
import { names } from "../catalog.ts";
import { oneOf } from "../known-names.ts";
import type { DescribeRequest } from "../models/import/spec.ts";
import { onlyTask, type TaskGuess } from "../models/import/task.ts";
import { say } from "../output.ts";
import { canAsk, choose } from "./ask.ts";
import { outsideOption } from "./options.ts";

/** Options of commands that take a model from a source. */
export const modelOptions = <T>(yargs: Argv<T>) =>
  yargs
    .option("task", {
      string: true,
      requiresArg: true,
      description: `What it does: ${names(TASKS).join(", ")} [default: as the hub or config.json says]`,
    })
    .option("name", {
      string: true,
      requiresArg: true,
      description: "Name of the spec [default: from the source]",
    })
    .option("onnx", {
      string: true,
      requiresArg: true,
      description: "ONNX file in the model's folder [default: onnx/model.onnx or model.onnx]",
    })
    .option("folder", {
      string: true,
      requiresArg: true,
      description: "Folder of the model in the source [default: the one with an ONNX file]",
    })
    .option("allow-outside", outsideOption);

export interface ModelArgs {
  task?: string;
  name?: string;
  onnx?: string;
  folder?: string;
  allowOutside?: boolean;
}

/** The task that a person chooses on a terminal; elsewhere there may be one only. */
async function chooseTask(guess: TaskGuess, title: string, signal: AbortSignal): Promise<Task> {
  const task =
    guess.tasks.length > 1 && canAsk()
      ? await choose(`What is ${title} to do? (${guess.why})`, guess.tasks, signal)
      : onlyTask(guess, title);
  say(`task ${task}: ${guess.why}${guess.tasks.length > 1 ? ", and it was chosen" : ""}`);
  if (task === "sentence-similarity")
    say("note: it answers with similarities; --task feature-extraction makes it answer with the vectors");
  return task;
}

/**
 * What the options ask of a source.
 * @throws UserError (exit 2) for a task that there is not
 */
export const describeRequest = (
  source: string,
  { task, name, onnx, folder, allowOutside }: ModelArgs,
  { project, signal }: { readonly project: string; readonly signal: AbortSignal },
): DescribeRequest => ({
  source,
  name,
  task: task === undefined ? undefined : oneOf<Task>("task", task, names(TASKS)),
  onnx,
  folder,
  allowOutside,
  project,
  signal,
  log: say,
  chooseTask: (guess, title) => chooseTask(guess, title, signal),
});
