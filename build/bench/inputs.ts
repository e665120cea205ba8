import { taskRow } from "../../models/tasks.ts";
import { UserError } from "../errors.ts";
import type { Variant } from "../plan/variant.ts";
import { testCasesOf } from "../smoke/cases.ts";
import type { Result } from "./results.ts";

/** Tokens that a tokenizer adds around a text, [CLS] and [SEP] for example. */
const ADDED = 2;
/** A word that nearly every vocabulary has as one token. */
const WORD = "the";

/** A text of about so many tokens. */
const textOf = (tokens: number): string =>
  Array.from({ length: Math.max(1, tokens - ADDED) }, () => WORD).join(" ");

/** Whether a model's inputs are texts, whose number of tokens can be chosen. */
const readsTexts = ({ spec: { task } }: Variant): boolean =>
  ["texts", "prompts", "pairs"].includes(taskRow(task).reads);

/**
 * The event of a measurement: a text of so many tokens, as often as the batch says. Of a task that reads something else it
 * is the first sample of the spec, whose size cannot be chosen.
 * @returns the event as JSON, and its size as results have it
 * @throws UserError (exit 2) for a batch or a number of tokens where the task has none, and for more tokens than the model reads
 */
export async function eventOf(
  variant: Variant,
  asked: { readonly tokens: number | undefined; readonly batch: number },
): Promise<{ readonly event: string; readonly input: Result["input"] }> {
  const [first] = await testCasesOf(variant);
  const { inputs, parameters } = first?.event ?? { inputs: "" };
  if (readsTexts(variant)) {
    const { tokens = 16, batch } = asked;
    const { maxTokens = tokens } = variant.spec;
    // It would be cut off, and be a result of tokens that nothing has read.
    if (tokens > maxTokens)
      throw new UserError(`--tokens ${tokens}: ${variant.name} reads ${maxTokens} at most`, {
        hint: `Ask for up to ${maxTokens}, or choose functions of other models with --function.`,
      });
    const text = textOf(tokens);
    const body = {
      inputs: batch === 1 ? text : Array.from({ length: batch }, () => text),
      ...(parameters && { parameters }),
    };
    return { event: JSON.stringify(body), input: { tokens, batch } };
  }
  if (asked.tokens !== undefined || asked.batch !== 1) {
    throw new UserError(
      `--tokens and --batch are for tasks that read texts, and ${variant.name} is for ${variant.spec.task}`,
      {
        hint: "Leave them out: the first sample of the spec is sent.",
      },
    );
  }
  const words = JSON.stringify(inputs).split(/\W+/).length;
  return { event: JSON.stringify(first?.event), input: { tokens: words, batch: 1 } };
}
