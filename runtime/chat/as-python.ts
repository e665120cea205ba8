/**
 * Makes a parsed template strip and print as Python does: the template library strips only whitespace, whatever the
 * argument, and prints `true` and nothing where Python prints `True` and `None`.
 */
import { textOf } from "./python-text.ts";

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

const STRIPS = ["strip", "lstrip", "rstrip"];

/** Whitespace as in Python, which differs from JavaScript's. */
const isWhitespace = (character: string) =>
  "\x1c\x1d\x1e\x1f\x85".includes(character) || (/\s/.test(character) && character !== "\ufeff");

/** As Python's methods of these names; null and undefined count as an empty text. */
function strip(side: string, text: unknown, characters?: string | null): string {
  const set = new Set(characters);
  const isTaken = (character: string) =>
    typeof characters === "string" ? set.has(character) : isWhitespace(character);
  const all = [...String(text ?? "")];
  let start = 0;
  let end = all.length;
  if (side !== "rstrip") while (start < end && isTaken(all[start] as string)) start++;
  if (side !== "lstrip") while (end > start && isTaken(all[end - 1] as string)) end--;
  return all.slice(start, end).join("");
}

/** Prefixed, so that it cannot clash with a name in a template. */
const ours = (name: string) => `__mkimage_${name}`;

const call = (name: string, args: readonly unknown[]): Node => ({
  type: "CallExpression",
  callee: { type: "Identifier", value: ours(name) },
  args,
});

/** `text.lstrip("\n")` and `text | trim` as calls of our functions. */
function stripped(node: Node): Node {
  const { type, callee, args, operand, filter } = node;
  if (type === "FilterExpression" && isNode(filter) && filter["value"] === "trim")
    return call("strip", [operand]);
  if (type !== "CallExpression" || !isNode(callee) || callee["type"] !== "MemberExpression") return node;
  const { object, property, computed } = callee;
  const name = isNode(property) && computed !== true ? String(property["value"]) : "";
  return STRIPS.includes(name) ? call(name, [object, ...(args as unknown[])]) : node;
}

/** Fields of a node with lists of nodes that are printed, except statements and the template's own text. */
const BLOCKS = ["body", "alternate", "defaultBlock"];
const NOT_PRINTED =
  /^(?:If|For|Break|Continue|Set|Macro|Comment|CallStatement|FilterStatement|StringLiteral)$/;

/** A function gets the bare content of a value, but a list keeps the value itself. */
const printed = (node: Node): Node =>
  NOT_PRINTED.test(String(node["type"])) ? node : call("text", [{ type: "ArrayLiteral", value: [node] }]);

export function asPython(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asPython);
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [asPython(key), asPython(each)]));
  if (!isNode(value)) return value;
  const copy = Object.create(Object.getPrototypeOf(value)) as Record<string, unknown>;
  for (const [key, each] of Object.entries(value)) {
    const inner = asPython(each);
    copy[key] = BLOCKS.includes(key) && Array.isArray(inner) ? inner.map(printed) : inner;
  }
  return stripped(copy);
}

export const PYTHON_FUNCTIONS: Readonly<Record<string, unknown>> = {
  [ours("text")]: ([value]: [Parameters<typeof textOf>[0]]) => textOf(value),
  ...Object.fromEntries(
    STRIPS.map((name) => [ours(name), (text: unknown, set?: string | null) => strip(name, text, set)]),
  ),
};
