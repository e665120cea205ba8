import { Environment, Template } from "@huggingface/jinja";
import { asPython, PYTHON_FUNCTIONS } from "./as-python.ts";
import { BoundedInterpreter, TemplateTooCostly } from "./bounded-interpreter.ts";
import { strftime } from "./strftime.ts";

/** What a template says with `raise_exception`: these messages are not for its model. */
export class TemplateRefusal extends Error {
  override readonly name = "TemplateRefusal";
}

/** Renders a template; `between` is called on the way, and may throw. */
export type Render = (values: Readonly<Record<string, unknown>>, between?: () => void) => string;

/**
 * A chat template as transformers renders it (https://huggingface.co/docs/transformers/chat_templating): blocks take their
 * line with them, `raise_exception`, `strftime_now`, `tojson` and `generation` are there.
 * @throws Error when the template cannot be parsed
 */
export function parseTemplate(source: string): Render {
  // Jinja knows one kind of line end.
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

/** As Jinja's sandbox has it, in which transformers renders templates: jinja2.sandbox.MAX_RANGE. */
const MAX_RANGE = 100_000;

function numbers(first: number, last: number | undefined, by: number): number[] {
  const [start, end] = last === undefined ? [0, first] : [first, last];
  const length = Math.max(0, Math.ceil((end - start) / by));
  if (!(length <= MAX_RANGE)) throw new TemplateTooCostly(`it has a range of more than ${MAX_RANGE}`);
  return Array.from({ length }, (_, i) => start + i * by);
}
