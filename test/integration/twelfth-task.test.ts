import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TOOL_ROOT } from "../../build/tool-root.ts";

/** A further encoder task: a row, a function and a check, and a line that names each of the two. */
const ROW = '  "text-length": { ...ENCODER, reads: "texts", outputs: ["logits"], gate: "classes" },\n';
const FUNCTION = `
import { readTexts } from "../request/inputs.ts";
import type { Task, TextModel } from "../model/model.ts";

/** How many tokens each text has. */
export const textLength: Task<TextModel> = {
  parameters: {},
  check() {},
  async run({ tokenizer, manifest: { maxTokens } }, { inputs }) {
    const { items, wrap } = lengths(inputs);
    const encoded = await tokenizer.encode(items, { maxTokens });
    return wrap(encoded.map(({ tokens }) => tokens));
  },
  warmUp: () => ({ inputs: "a" }),
};

function lengths(inputs: unknown) {
  const texts = readTexts(inputs);
  return { items: [...texts.items], wrap: (counts: number[]) => (Array.isArray(inputs) ? counts : counts[0]) };
}
`;
const CHECK = `
import { z } from "zod";
import { defineKind, wrong } from "./check.ts";

export const lengths = defineKind<string, number>({
  usual: { inputs: "a" },
  shape: z.int(),
  words: "a number of tokens",
  sane(count) {
    if (count < 1) throw wrong("A text has no tokens");
  },
});
`;
const TASK = "textLength";

let copy: string;

async function insert(file: string, before: string, text: string): Promise<void> {
  const content = await readFile(join(copy, file), "utf8");
  expect(content).toContain(before);
  await writeFile(join(copy, file), content.replace(before, `${text}${before}`));
}

const types = () =>
  execa(process.execPath, [join(TOOL_ROOT, "node_modules/typescript/bin/tsc")], { cwd: copy, reject: false });

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "mkimage-twelfth-"));
  for (const part of ["build", "models", "runtime", "package.json", "tsconfig.json"])
    await cp(join(TOOL_ROOT, part), join(copy, part), {
      recursive: true,
      filter: (path) => !path.includes("node_modules"),
    });
  await cp(join(TOOL_ROOT, "test/support"), join(copy, "test/support"), { recursive: true });
  await symlink(join(TOOL_ROOT, "node_modules"), join(copy, "node_modules"));
  await symlink(join(TOOL_ROOT, "runtime/node_modules"), join(copy, "runtime/node_modules"));
  await insert("models/tasks.ts", "  translation: TEXT_TO_TEXT,\n", ROW);
});
afterAll(() => rm(copy, { recursive: true, force: true }));

test("a row alone does not compile: the function and the check are missing, nothing else", async () => {
  const { stdout } = await types();
  const places = [...stdout.matchAll(/^(\S+)\(\d+,\d+\): error/gm)].map(([, file]) => file);
  expect([...new Set(places)].sort()).toEqual(["build/smoke/checks/index.ts", "runtime/tasks/index.ts"]);
});

test("with a function and a check it compiles, answers, is judged, and may be named in a spec", async () => {
  await writeFile(join(copy, "runtime/tasks/text-length.ts"), FUNCTION);
  await insert("runtime/tasks/index.ts", "  translation: textToText", `  "text-length": ${TASK},\n`);
  await insert(
    "runtime/tasks/index.ts",
    "import { tokenClassification }",
    `import { ${TASK} } from "./text-length.ts";\n`,
  );
  await writeFile(join(copy, "build/smoke/checks/text-length.ts"), CHECK);
  await insert("build/smoke/checks/index.ts", "  translation: rewritings", '  "text-length": lengths,\n');
  await insert(
    "build/smoke/checks/index.ts",
    "import { verdicts }",
    'import { lengths } from "./text-length.ts";\n',
  );
  expect((await types()).stdout).toBe("");
  const script = `
    import { KINDS } from "./build/smoke/checks/index.ts";
    import { modelSpec } from "./models/spec.ts";
    import { readRequest } from "./runtime/request/request.ts";
    import { taskNamed } from "./runtime/tasks/index.ts";
    import { tinyModel, work } from "./test/support/tiny-model.ts";
    const { task } = modelSpec.parse({ task: "text-length", source: "file:w", files: { "model.onnx": "m", "tokenizer.json": "t" } });
    const answer = (inputs) => taskNamed(task).run(tinyModel(), readRequest({ inputs }), work());
    const kind = KINDS[task];
    kind.check(await answer(kind.usual.inputs), {});
    let refused = "";
    try { kind.check(0, {}); } catch (error) { refused = error.message; }
    console.log(JSON.stringify([await answer("a b"), await answer(["a", "a b c"]), refused]));`;
  const { stdout } = await execa(process.execPath, ["--input-type=module", "--eval", script], { cwd: copy });
  // [CLS] and [SEP] count.
  expect(JSON.parse(stdout)).toEqual([4, [3, 5], "A text has no tokens"]);
});
