import { TASKS, type Task } from "../../../models/tasks.ts";
import { names } from "../../catalog.ts";
import { UserError } from "../../errors.ts";
import { USUAL_MODELS } from "./usual-models.ts";

/** What is known of a model's task: one, or those that it could be, with the reason. */
export interface TaskGuess {
  readonly tasks: readonly [Task, ...Task[]];
  readonly why: string;
}

/** Tasks of the hub whose models are asked and answer as those of ours. */
const SAME: Readonly<Record<string, TaskGuess["tasks"]>> = {
  conversational: ["text-generation"],
  "text-ranking": ["text-classification"],
  "text2text-generation": ["summarization", "translation"],
};

/** Tasks of the hub that mkimage does not have, and the one of ours that comes nearest; its models are other ones. */
const NEAREST: Readonly<Record<string, Task>> = {
  "any-to-any": "text-generation",
  "document-question-answering": "question-answering",
  "image-feature-extraction": "image-classification",
  "image-segmentation": "image-classification",
  "image-text-to-text": "text-generation",
  "multiple-choice": "text-classification",
  "object-detection": "image-classification",
  "table-question-answering": "question-answering",
  "visual-document-retrieval": "feature-extraction",
  "visual-question-answering": "question-answering",
  "zero-shot-image-classification": "image-classification",
};

/** The ending of a class of transformers, as config.json names it in `architectures`, and the task of its models. */
const HEADS: readonly [ending: RegExp, tasks: TaskGuess["tasks"]][] = [
  [/For(?:Sequence|MultipleChoice)Classification$/, ["text-classification"]],
  [/ForTokenClassification$/, ["token-classification"]],
  [/ForQuestionAnswering$/, ["question-answering"]],
  [/For(?:MaskedLM|PreTraining)$/, ["fill-mask"]],
  [/(?:ForCausalLM|LMHeadModel)$/, ["text-generation"]],
  [/ForImageClassification(?:WithTeacher)?$/, ["image-classification"]],
  [/^Marian|^M2M100|^NllbMoe/, ["translation"]],
  [/^Pegasus/, ["summarization"]],
  [/ForConditionalGeneration$/, ["summarization", "translation"]],
  [/Model$/, ["feature-extraction"]],
];

const isTask = (name: string): name is Task => Object.hasOwn(TASKS, name);

/** Whether a classifier says how one text follows from another: such a model also does zero-shot classification. */
const tellsEntailment = (config: Readonly<Record<string, unknown>>): boolean =>
  Object.keys((config["label2id"] as object | undefined) ?? {}).some((label) => /^entail/i.test(label));

/** What config.json says of the task; undefined where it says nothing. Pure. */
function fromConfig(config: Readonly<Record<string, unknown>>): TaskGuess | undefined {
  const [architecture] = [config["architectures"]].flat();
  if (typeof architecture !== "string") return undefined;
  const why = `config.json names ${architecture}`;
  const [, tasks] = HEADS.find(([ending]) => ending.test(architecture)) ?? [];
  if (!tasks) return undefined;
  const isNli = tasks[0] === "text-classification" && tellsEntailment(config);
  return { tasks: isNli ? ["text-classification", "zero-shot-classification"] : tasks, why };
}

/** The error for a task that mkimage does not have, with a model of the one that comes nearest. */
function notServed(title: string, task: string, known: string): UserError {
  const near = NEAREST[task];
  const example = near && USUAL_MODELS[near];
  const instead = near
    ? `The nearest task is ${near}${example ? `, for example: mkimage init ${example}` : ""}\n`
    : "";
  return new UserError(`${title} is a model for ${task}, which mkimage does not serve`, {
    hint: `${instead}It serves ${known}. If the model does one of these, name it with --task.`,
  });
}

/**
 * The task of a model: as its source names it (`pipeline_tag` of the hub), else as its config.json does. Pure.
 * @throws UserError (exit 2) for a task that is none of ours, or where nothing says it
 */
export function guessTask({
  title,
  task,
  config,
}: {
  /** Of the source, for messages. */
  readonly title: string;
  readonly task?: string | undefined;
  readonly config?: unknown;
}): TaskGuess {
  if (task !== undefined && isTask(task)) return { tasks: [task], why: "the hub names it" };
  const same = SAME[task ?? ""];
  if (same) return { tasks: same, why: `the hub names ${task}` };
  const known = names(TASKS).join(", ");
  if (task !== undefined) throw notServed(title, task, known);
  const guess = typeof config === "object" && config !== null ? fromConfig({ ...config }) : undefined;
  if (guess) return guess;
  throw new UserError(`Nothing in ${title} says what the model does`, {
    hint: `Name its task with --task: ${known}.`,
  });
}

/**
 * The one task of a guess.
 * @throws UserError (exit 2) that names the option where there are several
 */
export function onlyTask({ tasks, why }: TaskGuess, title: string): Task {
  const [task, ...others] = tasks;
  if (others.length === 0) return task;
  throw new UserError(`${title} may be a model for ${tasks.join(" or ")}: ${why}`, {
    hint: `Choose: --task ${task}`,
  });
}
