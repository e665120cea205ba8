import {
  applyEdits,
  type FormattingOptions,
  findNodeAtLocation,
  modify,
  type Node,
  parseTree,
} from "jsonc-parser";
import { UserError } from "../errors.ts";
import { checkJson, parseJsonc, stringify } from "../files/json.ts";
import { CONFIG_FILE } from "./config.ts";
import { configSchema } from "./config-file.ts";

/** What `init` knows of a project. */
export interface NewFunction {
  readonly name: string;
  readonly model: string;
  /** Fields of a new file beside its functions: the matrix, where it is not the default one. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** How a text is indented and its lines end, so that what is added looks like the rest. */
function formatOf(text: string): FormattingOptions {
  const [, indent = "  "] = /\n([ \t]+)\S/.exec(text) ?? [];
  return {
    insertSpaces: !indent.startsWith("\t"),
    tabSize: indent.startsWith("\t") ? 1 : indent.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  };
}

/** Puts a function behind the last one, on a line of its own where that has one. */
function insertFunction(text: string, { name, model }: NewFunction): string {
  const functions = findNodeAtLocation(parseTree(text) as Node, ["functions"]);
  const last = functions?.children?.at(-1) as Node;
  const end = last.offset + last.length;
  const [, space = " "] = /(\r?\n[ \t]*)$/.exec(text.slice(0, last.offset)) ?? [];
  return `${text.slice(0, end)},${space}${JSON.stringify(name)}: { "model": ${JSON.stringify(model)} }${text.slice(end)}`;
}

/**
 * The text of mkimage.json with a further function; comments, order and format of what is there stay. Pure.
 * @param text of the file; undefined where there is none
 * @throws UserError (exit 2) for a text that is no configuration, a function that is there, or a matrix that is there
 */
export function addFunction(
  text: string | undefined,
  { name, model, fields }: NewFunction,
  { force = false }: { readonly force?: boolean } = {},
): string {
  if (text === undefined) {
    const made = stringify({ ...fields, functions: { [name]: { model } } });
    checkJson(configSchema, JSON.parse(made), CONFIG_FILE);
    return made;
  }
  const { functions } = checkJson(configSchema, parseJsonc(text, CONFIG_FILE), CONFIG_FILE);
  if (Object.hasOwn(functions, name) && !force) {
    throw new UserError(`${CONFIG_FILE} has a function "${name}" already`, {
      hint: "Replace it with --force, or give another --function.",
    });
  }
  const [field] = Object.keys(fields).filter((each) => each !== "$schema");
  if (field !== undefined) {
    throw new UserError(`--${field}: ${CONFIG_FILE} is there, and says the matrix of all its functions`, {
      hint: `Leave the option out, or write \`${field}\` in ${CONFIG_FILE}.`,
    });
  }
  const replaced = () =>
    applyEdits(text, modify(text, ["functions", name], { model }, { formattingOptions: formatOf(text) }));
  const edited = Object.hasOwn(functions, name) ? replaced() : insertFunction(text, { name, model, fields });
  checkJson(configSchema, parseJsonc(edited, CONFIG_FILE), CONFIG_FILE);
  return edited;
}
