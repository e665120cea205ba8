import { UserError } from "../errors.ts";

/** A target of a bake file, as `docker buildx bake` reads it: https://docs.docker.com/build/bake/reference/ */
export interface BakeTarget {
  readonly context: string;
  readonly dockerfile?: string;
  readonly "dockerfile-inline"?: string;
  readonly target?: string;
  readonly contexts?: Readonly<Record<string, string>>;
  readonly args?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly platforms?: readonly string[];
  readonly tags?: readonly string[];
  readonly output?: readonly string[];
  readonly attest?: readonly string[];
  readonly secret?: readonly string[];
  readonly "no-cache"?: boolean;
}

export interface BakeFile {
  readonly group: { readonly default: { readonly targets: readonly string[] } };
  readonly target: Readonly<Record<string, BakeTarget>>;
}

export type Part = readonly [name: string, target: BakeTarget];

/** A text as it is: bake evaluates what is in `${…}` and `%{…}`, also in JSON. */
const literal = (text: string): string => text.replace(/[$%](?=\{)/g, "$&$&");

const literally = (file: BakeFile): BakeFile =>
  JSON.parse(JSON.stringify(file), (_, value) => (typeof value === "string" ? literal(value) : value));

/**
 * The same file with further build arguments for every target. Of those that BuildKit knows without being told, such as
 * HTTPS_PROXY, the cache, the history and the layers have no trace.
 */
export function withArgs(file: BakeFile, args: Readonly<Record<string, string>>): BakeFile {
  if (Object.keys(args).length === 0) return file;
  const more = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, literal(value)]));
  const targets = Object.entries(file.target).map(([name, each]) => [
    name,
    { ...each, args: { ...more, ...each.args } },
  ]);
  return { ...file, target: Object.fromEntries(targets) };
}

const sameName = (target: string) =>
  new UserError(`Two different things to build would both be called "${target}"`, {
    hint: "Give the function or the model another name.",
  });

/** Targets by name; two that are not the same may not have one name. */
function gather(parts: readonly Part[]): Record<string, BakeTarget> {
  const targets: Record<string, BakeTarget> = {};
  for (const [name, target] of parts) {
    if (JSON.stringify(targets[name] ?? target) !== JSON.stringify(target)) throw sameName(name);
    targets[name] = target;
  }
  return targets;
}

/** A file that builds the named targets and what they need. Two targets that are not the same may not have one name. */
export const makeBakeFile = (names: readonly string[], parts: readonly Part[]): BakeFile =>
  literally({ group: { default: { targets: [...new Set(names)] } }, target: gather(parts) });
