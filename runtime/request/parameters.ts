import { nearest } from "../../models/nearest.ts";
import { BadRequest } from "./errors.ts";
import type { InferenceRequest } from "./request.ts";

/** A parameter: how its value is read, and a description of valid values for errors and docs. */
export interface Parameter<T> {
  readonly expected: string;
  /** The value for the task; undefined if it is not valid. */
  readonly read: (value: unknown) => T | undefined;
  /** For a parameter that Hugging Face documents and this runtime does not support: why other values are refused. */
  readonly reason?: string;
}

export type ParameterValues<Known> = {
  [Name in keyof Known]?: Known[Name] extends Parameter<infer T> ? T : never;
};

function parameter<T>(expected: string, accepts: (value: unknown) => value is T): Parameter<T> {
  return { expected, read: (value) => (accepts(value) ? value : undefined) };
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

export const boolean = parameter("true or false", (value) => typeof value === "boolean");

export const positiveInteger = integer(1);

export const text = parameter("a text", (value) => typeof value === "string");

export const texts = parameter(
  "a list of texts, not empty",
  (value): value is readonly string[] => isTexts(value) && value.length > 0,
);

export const textsOrNone = parameter("a list of texts", isTexts);

export const object = parameter(
  "an object",
  (value): value is Readonly<Record<string, unknown>> =>
    typeof value === "object" && value !== null && !Array.isArray(value),
);

export function number(min: number, max: number = Number.MAX_VALUE): Parameter<number> {
  return parameter(
    max === Number.MAX_VALUE ? `a number of at least ${min}` : `a number from ${min} to ${max}`,
    (value): value is number => typeof value === "number" && value >= min && value <= max,
  );
}

export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Parameter<number> {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return parameter(
    min === 1 && max === Number.MAX_SAFE_INTEGER ? "a positive integer" : `an integer ${range}`,
    (value): value is number =>
      Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
  );
}

export function oneOf<const T extends string | boolean>(choices: readonly T[]): Parameter<T> {
  return parameter(listed(choices), (value): value is T => choices.includes(value as T));
}

/** Ignores case: text-embeddings-inference writes `Right`, its clients write `right`. */
export function oneOfAnyCase<const T extends string>(choices: readonly T[]): Parameter<T> {
  return {
    expected: listed(choices),
    read: (value) => choices.find((choice) => typeof value === "string" && choice === value.toLowerCase()),
  };
}

/** A value of the first parameter, else of the second. */
export function either<A, B>(first: Parameter<A>, second: Parameter<B>): Parameter<A | B> {
  return {
    expected: `${first.expected}, or ${second.expected}`,
    read: (value) => first.read(value) ?? second.read(value),
  };
}

/**
 * A parameter that Hugging Face documents and this runtime does not support: refused, except for values without effect.
 * @param reason the end of a sentence that begins with "is not supported:"
 */
export function unsupported(reason: string, ...harmless: readonly unknown[]): Parameter<unknown> {
  return {
    expected: harmless.length === 0 ? "nothing" : listed(harmless),
    read: (value) =>
      harmless.some((one) => JSON.stringify(one) === JSON.stringify(value)) ? value : undefined,
    reason,
  };
}

function listed(choices: readonly unknown[]): string {
  return choices.map((choice) => JSON.stringify(choice)).join(" or ");
}

/**
 * The request's parameters; `null` counts as not given.
 * @throws BadRequest for unknown names and invalid values
 */
export function readParameters<Known extends Record<string, Parameter<unknown>>>(
  { parameters, pathOf }: Pick<InferenceRequest, "parameters" | "pathOf">,
  known: Known,
): ParameterValues<Known> {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined);
  const read = given.map(([name, value]) => {
    const parameter = Object.hasOwn(known, name) ? known[name] : undefined;
    if (parameter === undefined) throw new BadRequest(pathOf(name), unknownName(name, known));
    const taken = parameter.read(value);
    if (taken === undefined) throw new BadRequest(pathOf(name), refusalOf(parameter, value));
    return [name, taken];
  });
  return Object.fromEntries(read) as ParameterValues<Known>;
}

export function refusalOf({ expected, reason }: Parameter<unknown>, value: unknown): string {
  if (reason === undefined) return `expected ${expected}`;
  const shown = JSON.stringify(value) ?? typeof value;
  return `${shown.length > 40 ? `${shown.slice(0, 40)}…` : shown} is not supported: ${reason}`;
}

function unknownName(name: string, known: Readonly<Record<string, Parameter<unknown>>>): string {
  const taken = Object.keys(known).filter((one) => known[one]?.reason === undefined);
  const meant = nearest(name, taken);
  return meant ? `unknown; did you mean ${meant}?` : `unknown; this task takes ${taken.join(", ")}`;
}
