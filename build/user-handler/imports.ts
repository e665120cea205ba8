import { realpath } from "node:fs/promises";
import { join, relative } from "node:path";
import type { BuildFailure, Message, Plugin, ResolveResult } from "esbuild";
import { UserError } from "../errors.ts";
import { isWithin } from "../files/places.ts";

const PLUGIN = "sources";
/** Marks the plugin's own questions to esbuild. */
const ASKED = Symbol(PLUGIN);

const PACKAGE = /^(?:@[^/]+\/)?[^./@][^/]*/;

/** Why a file may not be sent to a builder; undefined for one of the project's own. */
export async function refusalOf(project: string, path: string): Promise<string | undefined> {
  if (!isWithin(project, path)) return `${path} is outside of the project's folder`;
  const [root, real] = await Promise.all([project, path].map((each) => realpath(each).catch(() => each)));
  if (isWithin(root as string, real as string)) return undefined;
  return `${relative(project, path)} leads outside of the project's folder, to ${real}`;
}

/** esbuild finds files whatever the case of their names, and takes two that differ in nothing else for one. */
const otherCase = (path: string, { warnings }: ResolveResult): string | undefined =>
  warnings.some(({ id }) => id === "different-path-case")
    ? `"${path}" names a file in another case, or one of two that differ in nothing else`
    : undefined;

interface Traced {
  readonly project: string;
  /** Folder whose node_modules has links to the project's local packages, and nothing else. */
  readonly links: string;
  readonly linked: ReadonlyMap<string, string>;
}

/** Notes the project's files among what esbuild reads; packages from a registry are left to the builder. */
function noting({ project, links, linked }: Traced, found: Set<string>): Plugin {
  const packages = join(links, "node_modules");
  /** A path below the links as one in the project. */
  function inProject(path: string): string {
    if (!isWithin(packages, path)) return path;
    const [name = ""] = PACKAGE.exec(relative(packages, path)) ?? [];
    return join(project, linked.get(name) ?? "", relative(join(packages, name), path));
  }
  return {
    name: PLUGIN,
    setup({ onResolve, onLoad, resolve }) {
      onResolve({ filter: /.*/ }, async (question) => {
        if (question.pluginData === ASKED) return undefined;
        const { path, pluginName: _, namespace: __, ...rest } = { pluginName: "", ...question };
        const [name = ""] = PACKAGE.exec(path) ?? [];
        const resolveDir = linked.has(name) ? links : rest.resolveDir;
        const answer = await resolve(path, { ...rest, resolveDir, pluginData: ASKED });
        if (answer.errors.length > 0 || answer.external) return { path, external: true };
        if (answer.namespace !== "file") return undefined;
        const file = inProject(answer.path);
        if (/[\\/]node_modules[\\/]/.test(file)) return { path, external: true };
        const text = (await refusalOf(project, file)) ?? otherCase(path, answer);
        return text ? { errors: [{ text }] } : { path: file };
      });
      onLoad({ filter: /.*/ }, async ({ path }) => {
        // A pattern, as in import(`./${name}.ts`), is not resolved before.
        const text = await refusalOf(project, path);
        if (text) return { errors: [{ text }] };
        found.add(path);
        return undefined;
      });
    },
  };
}

function refused(handler: string, { text, location }: Message): UserError {
  const at = location ? `${location.file}:${location.line}:${location.column + 1}: ` : "";
  return new UserError(`${handler} cannot be bundled\n  ${at}${text}`, {
    hint: "A handler imports files of its project, by their exact names, and packages.",
  });
}

/**
 * The project's files that a handler imports, directly or through others. What is wrong in them, the builder says.
 * @throws UserError (exit 2) with file and line for an import from outside of the project, or in another case
 */
export async function trace(handler: string, traced: Traced): Promise<Set<string>> {
  const { build } = await import("esbuild");
  const found = new Set<string>();
  await build({
    absWorkingDir: traced.project,
    entryPoints: [`./${handler}`],
    bundle: true,
    platform: "node",
    format: "esm",
    outdir: traced.links,
    write: false,
    preserveSymlinks: true,
    logLevel: "silent",
    plugins: [noting(traced, found)],
  }).catch((error: Partial<BuildFailure>) => {
    if (!error.errors) throw new UserError(`esbuild cannot run: ${error.message}`, { reason: "environment" });
    const [own] = error.errors.filter(({ pluginName }) => pluginName === PLUGIN);
    if (own) throw refused(handler, own);
  });
  return found;
}
