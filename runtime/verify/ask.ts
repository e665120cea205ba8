import type { Model } from "../model/model.ts";
import { readRequest } from "../request/request.ts";
import { newWork } from "../request/work.ts";
import { differenceOf } from "./compare.ts";
import { answer, longest } from "./longest.ts";
import type { Question } from "./question.ts";
import { recording } from "./record.ts";

/** An error's message in one line. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/\s+/g, " ")
    .replace(/^Non-zero status code returned while running /, "")
    .slice(0, 400);
}

/** The text in the reply of a generating task; undefined for other tasks. */
function textOf(reply: unknown): string | undefined {
  const text = [reply].flat().flatMap((each) => Object.values(each as object))[0];
  return typeof text === "string" ? text : undefined;
}

/** Describes how the streamed answer differs from the whole one; undefined if it does not. */
async function streamFault(model: Model, request: object, whole: unknown): Promise<string | undefined> {
  if (!model.task.stream) return undefined;
  const pieces: string[] = [];
  for await (const piece of model.task.stream(
    model,
    readRequest({ ...request, stream: true }),
    newWork(() => {}),
  ))
    pieces.push((piece as { token: { text: string } }).token.text);
  const joined = pieces.join("");
  if (joined === textOf(whole)) return undefined;
  return `its pieces are ${JSON.stringify(joined)}, and its whole answer is ${JSON.stringify(textOf(whole))}`;
}

/**
 * Sends the program one request.
 * @returns a description of the problem, with its solution; undefined if there is none
 */
export async function ask(
  model: Model,
  { what, request, streams, runs: wanted }: Question,
): Promise<string | undefined> {
  const { model: observed, runs } = recording(model);
  try {
    const whole = await answer(observed, request);
    // For a wide output or a slow graph, the program makes smaller batches than Python: then nothing is compared.
    const differs = streams || runs.length <= wanted.length ? differenceOf(runs, wanted) : undefined;
    if (differs) return `the program reads ${what} differently from Python: ${differs}`;
    return streams ? await streamFault(model, request, whole) : undefined;
  } catch (error) {
    const { name, maxTokens } = model.manifest;
    const fits = await longest(model, request);
    if (fits > 0)
      return `its graph takes ${fits} tokens, and maxTokens is ${maxTokens}: write "maxTokens": ${fits} into models/${name}.json`;
    return `the program cannot answer ${what}: ${reasonOf(error)}`;
  }
}
