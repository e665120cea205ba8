import { BadRequest } from "./errors.ts";
import { nearest } from "./nearest.ts";
import type { InferenceRequest } from "./request.ts";

/** What a parameter may be: a test, and the same in words for the error. */
export interface Parameter<T> {
  readonly expected: string;
  readonly accepts: (value: unknown) => value is T;
}

/** Values of the parameters that were given. */
export type ParameterValues<Known> = {
  [Name in keyof Known]?: Known[Name] extends Parameter<infer T> ? T : never;
};

export const boolean: Parameter<boolean> = {
  expected: "true or false",
  accepts: (value) => typeof value === "boolean",
};

export const positiveInteger: Parameter<number> = {
  expected: "a positive integer",
  accepts: (value): value is number => Number.isSafeInteger(value) && (value as number) > 0,
};

export function oneOf<const T extends string>(choices: readonly T[]): Parameter<T> {
  return {
    expected: choices.map((choice) => `"${choice}"`).join(" or "),
    accepts: (value): value is T => choices.includes(value as T),
  };
}

/** The request's parameters, each known and of the right kind; `null` counts as not given. */
export function readParameters<Known extends Record<string, Parameter<unknown>>>(
  { parameters, pathOf }: Pick<InferenceRequest, "parameters" | "pathOf">,
  known: Known,
): ParameterValues<Known> {
  const given = Object.entries(parameters).filter(([, value]) => value !== null);
  for (const [name, value] of given) {
    const parameter = Object.hasOwn(known, name) ? known[name] : undefined;
    if (parameter === undefined) throw new BadRequest(pathOf(name), unknownName(name, Object.keys(known)));
    if (!parameter.accepts(value)) throw new BadRequest(pathOf(name), `expected ${parameter.expected}`);
  }
  return Object.fromEntries(given) as ParameterValues<Known>;
}

function unknownName(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant ? `unknown; did you mean ${meant}?` : `unknown; this task takes ${known.join(", ")}`;
}
