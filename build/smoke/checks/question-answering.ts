import { z } from "zod";
import { checkError, defineCheck } from "./check.ts";
import { requireCount, requireOrder, requireRange } from "./scores.ts";

interface TestCase {
  readonly question: string;
  readonly context: string;
}

const span = z.object({
  score: z.number(),
  start: z.int().nonnegative(),
  end: z.int().nonnegative(),
  answer: z.string(),
});
type Span = z.output<typeof span>;

/** The part of the context that answers, or several with `top_k`. */
export const questionAnswering = defineCheck<TestCase, Span | Span[]>({
  defaultSample: {
    inputs: { question: "Where do I live?", context: "My name is Wolfgang and I live in Berlin." },
  },
  example: { answer: { score: 0.9788, start: 34, end: 40, answer: "Berlin" } },
  shape: z.union([span, z.array(span).min(1)]),
  description: "an answer with score, start and end",
  validate(found, { input: { context }, parameters }) {
    const { top_k = 1 } = parameters;
    if (Array.isArray(found) !== Number(top_k) > 1)
      throw checkError(`Expected ${Array.isArray(found) ? "one answer" : "a list of answers"}`);
    const answers = [found].flat();
    requireCount(answers, top_k, "answers");
    const scores = answers.map(({ score }) => score);
    requireRange(scores);
    requireOrder(scores, "answers");
    const characters = [...context];
    for (const { start, end, answer } of answers) {
      const there = characters.slice(start, end).join("");
      if (end > characters.length || there !== answer)
        throw checkError(
          `The context has ${JSON.stringify(there)} at ${start} to ${end}, not ${JSON.stringify(answer)}`,
        );
    }
  },
});
