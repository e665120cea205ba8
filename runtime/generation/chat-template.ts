import { Environment, Interpreter, Template } from "@huggingface/jinja";
import { strftime } from "./strftime.ts";

/** What a template says with `raise_exception`: these messages are not for its model. */
export class TemplateRefusal extends Error {
  override readonly name = "TemplateRefusal";
}

/** A node of a parsed template: an object with `type`, other nodes, lists and plain values. */
type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

const STRIPS = ["strip", "lstrip", "rstrip"];

/** What Python calls a blank, which is not quite what JavaScript does. */
const isBlank = (character: string) =>
  "\x1c\x1d\x1e\x1f\x85".includes(character) || (/\s/.test(character) && character !== "\ufeff");

/** As Python's methods of these names. */
function strip(side: string, text: string, characters?: string | null): string {
  const set = new Set(characters);
  const isTaken = (character: string) =>
    typeof characters === "string" ? set.has(character) : isBlank(character);
  const all = [...text];
  let start = 0;
  let end = all.length;
  if (side !== "rstrip") while (start < end && isTaken(all[start] as string)) start++;
  if (side !== "lstrip") while (end > start && isTaken(all[end - 1] as string)) end--;
  return all.slice(start, end).join("");
}

/** The function of ours that a node stands for, with its arguments: `text.lstrip("\n")`, `text | trim`. */
function stripOf({ type, callee, args, operand, filter }: Node): [name: string, args: unknown[]] | undefined {
  if (type === "FilterExpression" && isNode(filter) && filter["value"] === "trim")
    return ["strip", [operand]];
  if (type !== "CallExpression" || !isNode(callee) || callee["type"] !== "MemberExpression") return undefined;
  const { object, property, computed } = callee;
  const name = isNode(property) && computed !== true ? String(property["value"]) : "";
  return STRIPS.includes(name) ? [name, [object, ...(args as unknown[])]] : undefined;
}

/** A program whose texts are stripped by functions of ours: those of the library strip blanks, whatever they are told. */
function withStrips(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withStrips);
  if (value instanceof Map)
    return new Map([...value].map(([key, each]) => [withStrips(key), withStrips(each)]));
  if (!isNode(value)) return value;
  const copy = Object.create(Object.getPrototypeOf(value)) as Record<string, unknown>;
  for (const [key, each] of Object.entries(value)) copy[key] = withStrips(each);
  const [name, args] = stripOf(copy) ?? [];
  return name === undefined
    ? copy
    : { type: "CallExpression", callee: { type: "Identifier", value: name }, args };
}

/**
 * A chat template as transformers renders it (https://huggingface.co/docs/transformers/chat_templating): blocks take their
 * line with them, `raise_exception`, `strftime_now`, `tojson` and `generation` are there.
 * @throws Error when the template cannot be parsed
 */
export function parseTemplate(source: string): (values: Readonly<Record<string, unknown>>) => string {
  // Jinja knows one kind of line end.
  const program = withStrips(new Template(source.replaceAll(/\r\n?/g, "\n")).parsed) as Template["parsed"];
  return (values) => {
    const environment = new Environment();
    for (const [name, value] of Object.entries({ ...globals(), ...values })) environment.set(name, value);
    return (new Interpreter(environment).run(program) as { value: string }).value;
  };
}

function globals(): Record<string, unknown> {
  return {
    true: true,
    false: false,
    none: null,
    True: true,
    False: false,
    None: null,
    range: (first: number, last?: number, by = 1) => numbers(first, last, by),
    raise_exception: (message: unknown) => {
      throw new TemplateRefusal(String(message));
    },
    strftime_now: (format: string) => strftime(new Date(), format),
    ...Object.fromEntries(
      STRIPS.map((name) => [name, (text: string, set?: string | null) => strip(name, text, set)]),
    ),
  };
}

function numbers(first: number, last: number | undefined, by: number): number[] {
  const [start, end] = last === undefined ? [0, first] : [first, last];
  return Array.from({ length: Math.max(0, Math.ceil((end - start) / by)) }, (_, i) => start + i * by);
}
