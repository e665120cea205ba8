import { execFileSync } from "node:child_process";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { type Task, taskRow } from "../../models/tasks.ts";
import type { Project } from "./project.ts";

/** A request of Python's pipeline, with its reply. */
export interface Sample {
  readonly inputs: unknown;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly expected?: unknown;
}

/** Makes the small models of every task, once, and says where they are. */
export const madeModels = (): string =>
  execFileSync(join(TOOL_ROOT, "test/fixtures/models/up"), { encoding: "utf8" }).trim();

/**
 * Copies a small model into a project and writes its spec.
 * @returns what Python answers with it
 */
export async function addModel(
  { folder: project }: Project,
  { name, made, task }: { readonly name: string; readonly made: string; readonly task: Task },
): Promise<[Sample, ...Sample[]]> {
  const folder = join(project, name);
  await cp(made, folder, {
    recursive: true,
    dereference: true,
    filter: (path) => !path.endsWith("/onnx"),
  });
  const kept = (file: string) => /((config|tokenizer)\.json|\.jinja)$/.test(file);
  const names = [...taskRow(task).graphs, ...(await readdir(folder)).filter(kept)];
  const files = Object.fromEntries(names.map((file) => [file, file]));
  await writeFile(
    join(project, `models/${name}.json`),
    JSON.stringify({ task, source: `file:${name}`, files, maxTokens: 128 }),
  );
  return JSON.parse(await readFile(join(folder, "expected.json"), "utf8"));
}
