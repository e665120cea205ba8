import type { z } from "zod";
import type { ModelSpec } from "../../../models/spec.ts";
import { UserError } from "../../errors.ts";

export type Parameters = Readonly<Record<string, unknown>>;

/** What of a spec decides whether an answer will do. */
export interface Rules extends Pick<ModelSpec, "normalize" | "gate"> {
  /** Largest difference allowed between a number and the expected one. */
  readonly tolerance: number;
}

/** What an answer was asked for. */
export interface Circumstances<Input> {
  readonly input: Input;
  readonly parameters: Parameters;
  readonly rules: Rules;
  /** The sample says what is expected: then even nothing may be right. */
  readonly compared: boolean;
}

/** How a reply is compared with the expected one; gives the largest difference of two numbers. */
type Compare = (reply: unknown, expected: unknown, rules: Rules) => number;

/** What a task is asked by the smoke test, and how it has to answer. */
export interface Kind {
  /** What is asked where the spec has no samples. */
  readonly usual: { readonly inputs: unknown; readonly parameters?: Parameters };
  /** What is sent with samples that have no parameters of their own. */
  readonly parameters?: Parameters;
  /** One input alone gives a list of one answer. */
  readonly wraps?: boolean;
  /** Whether `inputs` is one input, and not a list; what is no list, when not given. */
  isOne?(inputs: unknown): boolean;
  /** The documented shape of one answer, and that it makes sense. @throws UserError (exit 1) with what does not. */
  check(answer: unknown, circumstances: Circumstances<unknown>): void;
  /** In place of the general comparison. */
  readonly compare?: Compare;
  /** The same for a quantized model: what its gate promises of a single sample; nothing, when not given. */
  readonly promised?: Compare;
}

interface Definition<Input, Answer> extends Omit<Kind, "check" | "usual"> {
  readonly usual: { readonly inputs: Input; readonly parameters?: Parameters };
  readonly shape: z.ZodType<Answer>;
  /** The shape in words. */
  readonly words: string;
  /** What has to hold beside the shape. */
  sane(answer: Answer, circumstances: Circumstances<Input>): void;
}

/** Something wrong with an answer. */
export const wrong = (what: string): UserError => new UserError(what, { reason: "check" });

/** Of a task that takes `Input`, as the spec's schema has made sure, and answers with `Answer`. */
export function defineKind<Input, Answer>({ shape, words, sane, ...rest }: Definition<Input, Answer>): Kind {
  return {
    ...rest,
    check(answer, circumstances) {
      const { success, data } = shape.safeParse(answer);
      if (!success) throw wrong(`Expected ${words}`);
      sane(data, circumstances as Circumstances<Input>);
    },
  };
}
