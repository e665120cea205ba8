import { Environment, Template } from "@huggingface/jinja";
import { asPython, PYTHON_FUNCTIONS } from "./as-python.ts";
import { BoundedInterpreter, TemplateTooCostly } from "./bounded-interpreter.ts";
import { strftime } from "./strftime.ts";

/** Thrown by `raise_exception`: the template rejects these messages. */
export class TemplateRefusal extends Error {
  override readonly name = "TemplateRefusal";
}

/** `between` is called while the template is rendered, and may throw. */
export type Render = (values: Readonly<Record<string, unknown>>, between?: () => void) => string;

/**
 * A chat template as transformers renders it (https://huggingface.co/docs/transformers/chat_templating): `trim_blocks`
 * and `lstrip_blocks` are on; `raise_exception`, `strftime_now`, `tojson` and `generation` are defined.
 * @throws Error when the template cannot be parsed
 */
export function parseTemplate(source: string): Render {
  // Jinja normalizes line ends.
  const program = asPython(new Template(source.replaceAll(/\r\n?/g, "\n")).parsed) as Template["parsed"];
  return (values, between = () => {}) => {
    const environment = new Environment();
    for (const [name, value] of Object.entries({ ...GLOBALS, ...values })) environment.set(name, value);
    return (new BoundedInterpreter(environment, between).run(program) as { value: string }).value;
  };
}

const GLOBALS: Readonly<Record<string, unknown>> = {
  ...PYTHON_FUNCTIONS,
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
};

/** The limit of Jinja's sandbox, in which transformers renders templates: jinja2.sandbox.MAX_RANGE. */
const MAX_RANGE = 100_000;

function numbers(first: number, last: number | undefined, by: number): number[] {
  const [start, end] = last === undefined ? [0, first] : [first, last];
  const length = Math.max(0, Math.ceil((end - start) / by));
  if (!(length <= MAX_RANGE)) throw new TemplateTooCostly(`it has a range of more than ${MAX_RANGE}`);
  return Array.from({ length }, (_, i) => start + i * by);
}
