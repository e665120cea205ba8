import { z } from "zod";
import { modelSpec } from "../../models/spec.ts";
import { configSchema } from "../config/config-file.ts";
import { GENERATED } from "./generated.ts";

/** The part of JSON Schema that zod makes of our schemas. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | false;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

interface Field {
  readonly path: string;
  readonly schema: Schema;
  /** Without it the object is refused, which is that of a union's alternative where `form` names one. */
  readonly required: boolean;
  readonly form?: string;
}

const code = (value: unknown): string => `\`${JSON.stringify(value)}\``;

/** A type as people say it. */
function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(", ");
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(" or ");
  if (schema.type === "array") return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.propertyNames?.enum) return `table with the keys ${typeOf(schema.propertyNames)}`;
  if (schema.additionalProperties) return `table of ${typeOf(schema.additionalProperties)}`;
  return `${schema.type ?? "any"}${rangeOf(schema)}`;
}

function rangeOf({ minimum, exclusiveMinimum, maximum = Number.MAX_SAFE_INTEGER }: Schema): string {
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`;
  if (minimum === undefined) return "";
  return maximum < Number.MAX_SAFE_INTEGER ? ` from ${minimum} to ${maximum}` : ` of at least ${minimum}`;
}

/** An alternative of a union by its fields: `{ text, text_pair }`. */
const formOf = ({ properties = {} }: Schema): string => `\`{ ${Object.keys(properties).join(", ")} }\``;

/** The fields of an object with those below it: a table's as `path.<name>`, a list's as `path[]`. */
function fieldsOf(schema: Schema, path = ""): Field[] {
  const below = (key: string) => (path ? `${path}.${key}` : key);
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => [
    { path: below(key), schema: value, required: schema.required?.includes(key) ?? false },
    ...fieldsOf(value, below(key)),
  ]);
  const variants = (schema.anyOf ?? []).flatMap((each) =>
    fieldsOf(each, path).map((field) => ({ ...field, form: field.form ?? formOf(each) })),
  );
  const rows = schema.additionalProperties ? fieldsOf(schema.additionalProperties, below("<name>")) : [];
  return [...own, ...rows, ...(schema.items ? fieldsOf(schema.items, `${path}[]`) : []), ...variants];
}

function fieldRow({ path, schema, required, form }: Field): string {
  const isRequired = form ? `required in ${form}` : "**required**";
  const byDefault = required ? isRequired : schema.default === undefined ? "" : code(schema.default);
  const text = (schema.description ?? "").replace(/^Required\. /, "");
  const cells = [`\`${path}\``, typeOf(schema), byDefault, text];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** A row for each field of a schema, those of objects below as `path.name`. */
export function fieldTable(schema: Schema): string {
  return ["| field | type | default | |", "|---|---|---|---|", ...fieldsOf(schema).map(fieldRow)].join("\n");
}

/** The JSON Schema of what a file may have. */
export const toSchema = (schema: z.ZodType) => z.toJSONSchema(schema, { io: "input" });

export function configurationReference(): string {
  return [
    GENERATED,
    "# Configuration",
    "Settings come, in rising priority, from the defaults, `mkimage.json`, environment variables (`MKIMAGE_OS`, …) and flags. An empty variable counts as unset. Unknown fields, and a name that is twice in an object, are refused.",
    "## mkimage.json",
    'The functions of a project and the matrix of images to build for them. For an editor: `"$schema": "docs/mkimage.schema.json"`.',
    fieldTable(toSchema(configSchema) as Schema),
    "## models/&lt;name&gt;.json",
    'A model: its task, the sources of its files, and the answers that it must give. For an editor: `"$schema": "spec.schema.json"`. ' +
      "`mkimage lock` records size and sha256 of every file in `models/lock.json`; a build uses only these. The **gate** is the " +
      "accuracy check of a build: it compares the answers of each model that it makes with those of the source model, and fails the build " +
      "when they differ too much ([models.md](models.md#number-formats)).",
    fieldTable(toSchema(modelSpec) as Schema),
  ].join("\n\n");
}
