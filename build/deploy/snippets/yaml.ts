export type YamlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly string[]
  | { readonly [name: string]: YamlValue };

const isList = (value: YamlValue): value is readonly string[] => Array.isArray(value);

/** A table as lines of YAML; scalars are written as JSON, which YAML takes. Pure. */
export function yamlLines(table: { readonly [name: string]: YamlValue }, indent = ""): string[] {
  return Object.entries(table).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (isList(value))
      return [`${indent}${name}:`, ...value.map((each) => `${indent}  - ${JSON.stringify(each)}`)];
    if (typeof value === "object") return [`${indent}${name}:`, ...yamlLines(value, `${indent}  `)];
    return [`${indent}${name}: ${JSON.stringify(value)}`];
  });
}
