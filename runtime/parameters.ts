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

export const text: Parameter<string> = {
  expected: "a text",
  accepts: (value) => typeof value === "string",
};

export const texts: Parameter<readonly string[]> = {
  expected: "a list of texts, not empty",
  accepts: (value): value is string[] =>
    Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string"),
};

/** A finite number from `min` to `max`. */
export function number(min: number, max: number = Number.MAX_VALUE): Parameter<number> {
  return {
    expected: max === Number.MAX_VALUE ? `a number of at least ${min}` : `a number from ${min} to ${max}`,
    accepts: (value): value is number => typeof value === "number" && value >= min && value <= max,
  };
}

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Parameter<number> {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return {
    expected: `an integer ${range}`,
    accepts: (value): value is number =>
      Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
  };
}

export function oneOf<const T extends string | boolean>(choices: readonly T[]): Parameter<T> {
  return {
    expected: choices.map((choice) => JSON.stringify(choice)).join(" or "),
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
