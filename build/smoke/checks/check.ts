import type { z } from "zod";
import type { ModelSpec } from "../../../models/spec.ts";
import { UserError } from "../../errors.ts";

export type Parameters = Readonly<Record<string, unknown>>;

/** The limits of a spec that an answer has to stay within. */
export interface Limits extends Pick<ModelSpec, "normalize" | "gate"> {
  /** Largest difference allowed between a number and the expected one. */
  readonly tolerance: number;
}

/** The request that an answer belongs to. */
export interface CheckContext<Input> {
  readonly input: Input;
  readonly parameters: Parameters;
  readonly limits: Limits;
  /** The sample has an expected reply: an empty answer may then be correct. */
  readonly compared: boolean;
}

/** Compares a reply with the expected one; returns the largest difference of two numbers. */
type Compare = (reply: unknown, expected: unknown, limits: Limits) => number;

/** A request with the answer to it, for the documentation: what they look like, not what a certain model answers. */
export interface Example<Input, Answer> {
  /** Default: those of the default sample. */
  readonly inputs?: Input;
  readonly parameters?: Parameters;
  readonly answer: Answer;
}

/** The request that the smoke test sends for a task, and the checks of the reply. */
export interface TaskCheck {
  readonly example: Example<unknown, unknown>;
  /** The request for a spec without samples. */
  readonly defaultSample: { readonly inputs: unknown; readonly parameters?: Parameters };
  /** Parameters of samples that have none. */
  readonly parameters?: Parameters;
  /** Whether a single input gives a list of one answer. */
  readonly alwaysList?: boolean;
  /** Whether `inputs` is a single input. Default: anything that is not an array. */
  isSingle?(inputs: unknown): boolean;
  /** Checks one answer's shape and values. @throws UserError (exit 1) that says what is wrong. */
  check(answer: unknown, context: CheckContext<unknown>): void;
  /** Replaces the general comparison. */
  readonly compare?: Compare;
  /** The same for a quantized model: what its gate guarantees for a single sample. Default: nothing is compared. */
  readonly compareQuantized?: Compare;
}

interface Definition<Input, Answer> extends Omit<TaskCheck, "check" | "defaultSample" | "example"> {
  readonly example: Example<Input, Answer>;
  readonly defaultSample: { readonly inputs: Input; readonly parameters?: Parameters };
  readonly shape: z.ZodType<Answer>;
  /** The shape, for error messages. */
  readonly description: string;
  /** Checks the values of an answer that has the shape. */
  validate(answer: Answer, context: CheckContext<Input>): void;
}

export const checkError = (what: string): UserError => new UserError(what, { reason: "check" });

/** A check for a task that takes `Input` (guaranteed by the spec's schema) and answers with `Answer`. */
export function defineCheck<Input, Answer>({
  shape,
  description,
  validate,
  ...rest
}: Definition<Input, Answer>): TaskCheck {
  return {
    ...rest,
    check(answer, context) {
      const { success, data } = shape.safeParse(answer);
      if (!success) throw checkError(`Expected ${description}`);
      validate(data, context as CheckContext<Input>);
    },
  };
}
