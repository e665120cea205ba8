import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mkimage } from "../support/mkimage.ts";
import { MODEL, makeProject, type Project } from "../support/project.ts";

const CELL = ["--os", "debian", "--arch", "amd64"];
const EVENT = '{"inputs":"hello"}';

/** Two projects that give their function one name, and so their images one reference. */
let mine: Project;
let theirs: Project;
const nameIt = (project: Project, name: string) =>
  writeFile(join(project.folder, "package.json"), JSON.stringify({ name, private: true }));
const handle = (answer: string) =>
  writeFile(join(mine.folder, "handler.mjs"), `export default () => ${answer};\n`);
const run = (project: Project, ...args: string[]) => mkimage(args, { cwd: project.folder });

/** Runs `test` and `invoke`, which refuse alike, and then what they say is to be run. */
async function refusedThenBuilt(project: Project, says: string, options: readonly string[] = []) {
  const reference = `${mine.repository}:debian-amd64`;
  const told = `mkimage build --function ${mine.function} ${CELL.join(" ")} --quantization fp32`;
  for (const command of [["test"], ["invoke", EVENT]]) {
    const { exitCode, stdout, stderr } = await run(project, ...command, ...CELL, ...options);
    const said = `mkimage: ${reference} ${says}\nRun: ${[told, ...options].join(" ")}`;
    expect(stderr.slice(-said.length)).toBe(said);
    expect(exitCode).toBe(1);
    const result = command[0] === "test" ? new RegExp(`^${reference}\\s+not built\\b`, "m") : /^$/;
    expect(stdout).toMatch(result);
  }
  const built = await run(project, ...told.split(" ").slice(1), ...options);
  expect(built.exitCode, built.stderr).toBe(0);
  const { exitCode, stderr } = await run(project, "invoke", ...CELL, ...options, EVENT);
  expect(exitCode, stderr).toBe(0);
}

beforeAll(async () => {
  mine = await makeProject();
  theirs = await makeProject();
  await theirs.writeConfig({
    functions: { [mine.function]: { model: MODEL } },
    repository: "mkimage-test/<function>",
  });
  await nameIt(mine, "shop");
  await nameIt(theirs, "search");
  const { exitCode, stderr } = await run(theirs, "build", ...CELL);
  expect(exitCode, stderr).toBe(0);
});

afterAll(async () => {
  await mine?.remove();
  await theirs?.remove();
});

test("another project's image does not answer for this one's", async () => {
  await refusedThenBuilt(mine, "is of another project: search, not shop");
});

test("nor does the image of another model, which --model has left there", async () => {
  const change = async (file: string, edit: (content: { models?: Record<string, unknown> }) => object) => {
    const path = join(mine.folder, "models", file);
    const content = JSON.parse(await readFile(path, "utf8"));
    await writeFile(path.replace(MODEL, "other"), JSON.stringify(edit(content)));
  };
  await change(`${MODEL}.json`, (spec) => ({ ...spec, maxTokens: 64 }));
  await change("lock.json", (lock) => ({ ...lock, models: { ...lock.models, other: lock.models?.[MODEL] } }));
  await refusedThenBuilt(mine, `is of another model: ${MODEL}, not other`, ["--model", "other"]);
  await refusedThenBuilt(mine, `is of another model: other, not ${MODEL}`);
});

test("nor one that is older than the handler", async () => {
  await handle("1");
  await refusedThenBuilt(mine, "is of another handler: none, not handler.mjs");
  await handle("2");
  await refusedThenBuilt(mine, "is older than handler.mjs or what it imports");
});
