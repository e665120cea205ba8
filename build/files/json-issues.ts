import { z } from "zod";
import { nearest } from "../../models/nearest.ts";
import { counted } from "../output.ts";

type Issue = z.core.$ZodIssue;
type Node = Readonly<Record<string, unknown>>;

/** A value of a JSON file with the schema that it does not fit. */
interface Checked {
  readonly schema: z.ZodType;
  readonly value: unknown;
}

const TYPES: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "an object",
  record: "an object",
  string: "a string",
};

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;
const show = (value: unknown): string => JSON.stringify(value) ?? "missing";
const shortened = (text: string): string => (text.length > 100 ? `${text.slice(0, 99)}…` : text);

function typeOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : shortened(show(value));
}

/** How many faults of a file are named. */
const MOST_FAULTS = 20;

const furtherOnes = (count: number): string[] =>
  count > MOST_FAULTS ? [`and ${count - MOST_FAULTS} more`] : [];

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((found, key) => (isNode(found) ? found[key as string] : undefined), value);

/** A node with those that it refers to and those that it chooses from. */
function alternatives(node: unknown, root: Node): Node[] {
  if (!isNode(node)) return [];
  const { $ref: reference } = node;
  if (typeof reference === "string") {
    const path = reference === "#" ? [] : reference.slice(2).split("/");
    return alternatives(at(root, path), root);
  }
  const choices = ["anyOf", "oneOf", "allOf"].flatMap((key) => (node[key] as unknown[] | undefined) ?? []);
  return [node, ...choices.flatMap((choice) => alternatives(choice, root))];
}

/** The nodes of a JSON schema that describe what is at a path. */
function nodesAt(schema: z.ZodType, path: readonly PropertyKey[]): Node[] {
  const root = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Node;
  return path.reduce<Node[]>(
    (nodes, key) =>
      nodes
        .flatMap(({ properties, additionalProperties, items, prefixItems }) => [
          typeof key === "number" ? ((prefixItems as Node | undefined)?.[key] ?? items) : undefined,
          isNode(properties) && Object.hasOwn(properties, key)
            ? properties[key as string]
            : additionalProperties,
        ])
        .flatMap((node) => alternatives(node, root)),
    alternatives(root, root),
  );
}

const suggestion = (wrong: string, known: readonly string[]): string => {
  const near = nearest(wrong, known);
  return near ? ` (did you mean "${near}"?)` : "";
};

function unknownFields(keys: readonly string[], path: readonly PropertyKey[], { schema }: Checked): string {
  const known = nodesAt(schema, path).flatMap(({ properties }) =>
    isNode(properties) ? Object.keys(properties) : [],
  );
  const faults = keys
    .slice(0, MOST_FAULTS)
    .map((key) => `unknown field "${shortened(key)}"${suggestion(shortened(key), known)}`);
  return [...faults, ...furtherOnes(keys.length)].join(", ");
}

/** `must be from 128 to 10240`, as far as the schema has bounds. */
function numberRange(path: readonly PropertyKey[], { schema, value }: Checked): string {
  const bounds = Object.assign({}, ...nodesAt(schema, path)) as Record<string, number | undefined>;
  // JSON Schema gives a whole number without bounds those of JavaScript.
  const real = (bound: number | undefined) =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : undefined;
  const [least, most] = [real(bounds["minimum"]), real(bounds["maximum"])];
  const [above, below] = [bounds["exclusiveMinimum"], bounds["exclusiveMaximum"]];
  const range =
    least !== undefined && most !== undefined
      ? [`from ${least} to ${most}`]
      : [
          ...(least === undefined ? [] : [`at least ${least}`]),
          ...(above === undefined ? [] : [`above ${above}`]),
          ...(most === undefined ? [] : [`at most ${most}`]),
          ...(below === undefined ? [] : [`below ${below}`]),
        ];
  return `must be ${range.join(" and ")}, not ${typeOf(at(value, path))}`;
}

function sizeRange(
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  path: readonly PropertyKey[],
  checked: Checked,
) {
  const isShort = issue.code === "too_small";
  const bound = Number(isShort ? issue.minimum : issue.maximum);
  if (issue.origin === "number" || issue.origin === "int" || issue.origin === "bigint")
    return numberRange(path, checked);
  if (isShort && bound === 1) return "must not be empty";
  const unit = issue.origin === "string" ? "character" : "item";
  return `must have ${isShort ? "at least" : "at most"} ${counted(bound, unit)}`;
}

/** Of what a union takes, the issues of the alternative that comes nearest: one of the right type. */
function explainUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  path: readonly PropertyKey[],
  checked: Checked,
): string {
  if (issue.message !== "Invalid input") return issue.message;
  const isOfType = (issues: readonly Issue[]) =>
    !issues.some(
      ({ code, path: inner }) =>
        inner.length === 0 &&
        (code === "invalid_type" || (code === "invalid_value" && isNode(at(checked.value, path)))),
    );
  const nearestOne = issue.errors.find(isOfType);
  if (nearestOne)
    return nearestOne
      .map((each) => {
        const inner = each.path.join(".");
        return `${inner && `${inner}: `}${explainAt(each, [...path, ...each.path], checked)}`;
      })
      .join(", ");
  const expected = issue.errors.flatMap(([first]) =>
    first?.code === "invalid_type" ? [TYPES[first.expected] ?? first.expected] : [],
  );
  const known = [...new Set(expected)];
  return known.length > 0
    ? `expected ${known.join(" or ")}, not ${typeOf(at(checked.value, path))}`
    : issue.message;
}

function explainAt(issue: Issue, path: readonly PropertyKey[], checked: Checked): string {
  const found = at(checked.value, path);
  switch (issue.code) {
    case "invalid_key":
      // For a name that a table does not take, what was expected of it.
      return issue.issues.map(({ message }) => message).join(", ");
    case "invalid_type": {
      const expected = `expected ${TYPES[issue.expected] ?? issue.expected}`;
      return found === undefined ? `missing: ${expected}` : `${expected}, not ${typeOf(found)}`;
    }
    case "invalid_value": {
      const values = issue.values.map(String);
      if (found === undefined) return `missing: expected ${values.join(", ")}`;
      const near = typeof found === "string" ? suggestion(found, values) : "";
      return `${shortened(show(found))} is not one of ${values.join(", ")}${near}`;
    }
    case "invalid_union":
      return explainUnion(issue, path, checked);
    case "too_big":
    case "too_small":
      return sizeRange(issue, path, checked);
    case "unrecognized_keys":
      return unknownFields(issue.keys, path, checked);
    default:
      return issue.message;
  }
}

const placeOf = ({ path }: Issue): string =>
  path.map((key) => shortened(String(key))).join(".") || "(top level)";

/**
 * What is wrong with a value of a JSON file, in words, with the path of each fault: the range of a number, the nearest of
 * the known fields and values. Of many faults the first ones are named, and the others counted. Pure.
 */
export const explainIssues = (issues: readonly Issue[], checked: Checked): string[] => [
  ...issues
    .slice(0, MOST_FAULTS)
    .map((issue) => `${placeOf(issue)}: ${explainAt(issue, issue.path, checked)}`),
  ...furtherOnes(issues.length),
];
