interface TemplateValue {
  readonly type: string;
  readonly value: unknown;
  toString(): string;
}

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll(/[\n\r\t\\]/g, (each) => ESCAPES[each] as string);
  return quote + escaped.replaceAll(quote, `\\${quote}`) + quote;
}

function listed(values: readonly TemplateValue[], [open, close]: readonly [string, string]): string {
  const comma = open === "(" && values.length === 1 ? "," : "";
  return `${open}${values.map(reprOf).join(", ")}${comma}${close}`;
}

/** As Python's `repr`. */
function reprOf(value: TemplateValue): string {
  const { type, value: inner } = value;
  if (type === "StringValue") return quoted(inner as string);
  if (type === "ArrayValue") return listed(inner as TemplateValue[], ["[", "]"]);
  if (type === "TupleValue") return listed(inner as TemplateValue[], ["(", ")"]);
  if (type !== "ObjectValue") return textOf(value);
  const entries = [...(inner as ReadonlyMap<string, TemplateValue>)];
  return `{${entries.map(([key, each]) => `${quoted(key)}: ${reprOf(each)}`).join(", ")}}`;
}

/** What a template prints for a value in Python: `True`, `None`, `['a', 1.0]`. */
export function textOf(value: TemplateValue): string {
  const { type, value: inner } = value;
  if (type === "UndefinedValue") return "";
  if (type === "NullValue") return "None";
  if (type === "BooleanValue") return inner ? "True" : "False";
  return /^(?:Array|Tuple|Object)Value$/.test(type) ? reprOf(value) : value.toString();
}
