/**
 * Every regular expression of the program and of the tool is linear: no text, however long or odd, keeps one busy.
 * `make check` runs it; recheck (https://makenowjust-labs.github.io/recheck/) judges.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { check } from "recheck";
import { TOOL_ROOT } from "../build/tool-root.ts";

interface Expression {
  readonly source: string;
  readonly flags: string;
  readonly line: number;
}

/** Files with expressions that may be polynomial, and the bound on their texts that makes them harmless. */
const BOUNDED: Readonly<Record<string, string>> = {
  "build/clients/aws-errors.ts": "2,000 characters of what AWS says",
  "build/clients/hub-errors.ts": "16 kB: Node takes no longer headers",
  "build/clients/engine-errors.ts": "16,000 characters of an engine's output",
  "build/builder/step-name.ts": "2,000 characters of a step's name",
  "build/smoke/function-error.ts": "25 lines of 1,000 characters of a function's log",
  "images/model/sessions.py": "4,000 characters of ONNX Runtime's own errors",
  "runtime/bundle/program.mjs": "the program's own sources",
};

/** What was judged before: an expression's verdict does not change. */
const VERDICTS = join(TOOL_ROOT, "node_modules/.cache/mkimage/regular-expressions.json");

const lineAt = (text: string, offset: number) => text.slice(0, offset).split("\n").length;

/** The literals in a text of TypeScript or JavaScript; `new RegExp` has no source that could be judged. */
export function expressionsIn(file: string, text: string): Expression[] {
  const found: Expression[] = [];
  const refuse = ({ callee, start }: { callee: object; start: number }) => {
    if ("name" in callee && callee.name === "RegExp")
      throw new Error(`${file}:${lineAt(text, start)}: write the regular expression as a literal`);
  };
  new Visitor({
    Literal(node) {
      if ("regex" in node)
        found.push({ source: node.regex.pattern, flags: node.regex.flags, line: lineAt(text, node.start) });
    },
    NewExpression: refuse,
    CallExpression: refuse,
  }).visit(parseSync(file, text).program);
  return found;
}

/** The raw strings that Python's `re` is given; their syntax is JavaScript's as far as it is used. */
function expressionsOfPython(text: string): Expression[] {
  const calls = text.matchAll(/\bre\.\w+\(r"((?:[^"\\]|\\.)*)"(.*)/g);
  return [...calls].map(({ 1: source = "", 2: rest = "", index }) => ({
    source,
    flags: rest.includes("IGNORECASE") ? "i" : "",
    line: lineAt(text, index),
  }));
}

/** How long an expression may take, and for which text it does: `safe` for a linear one. */
export async function verdictOf({ source, flags }: Expression): Promise<string> {
  const judged = await check(source, flags, { timeout: 60_000, randomSeed: 1 });
  if (judged.status === "safe") return "safe";
  if (judged.status === "unknown") return `not judged (${judged.error.kind})`;
  return `${judged.complexity.type}, for example with ${judged.attack.pattern}`;
}

function readVerdicts(): Record<string, string> {
  try {
    return JSON.parse(readFileSync(VERDICTS, "utf8"));
  } catch {
    return {};
  }
}

async function main(): Promise<number> {
  const pattern = "{build,models,runtime,images}/**/*.{ts,mjs,js,py}";
  const exclude = (path: string) => path.includes("node_modules");
  const known = readVerdicts();
  const verdicts: Record<string, string> = {};
  let faults = 0;
  for (const path of globSync(pattern, { cwd: TOOL_ROOT, exclude }).sort()) {
    const text = readFileSync(join(TOOL_ROOT, path), "utf8");
    for (const each of path.endsWith(".py") ? expressionsOfPython(text) : expressionsIn(path, text)) {
      const key = `/${each.source}/${each.flags}`;
      verdicts[key] ??= known[key] ?? (await verdictOf(each));
      if (verdicts[key] === "safe" || (path in BOUNDED && verdicts[key].startsWith("polynomial"))) continue;
      console.error(`${path}:${each.line}: ${key} is ${verdicts[key]}`);
      faults++;
    }
  }
  mkdirSync(dirname(VERDICTS), { recursive: true });
  const judged = Object.entries(verdicts).filter(([, verdict]) => !verdict.startsWith("not judged"));
  writeFileSync(VERDICTS, JSON.stringify(Object.fromEntries(judged)));
  console.error(`${Object.keys(verdicts).length} regular expressions, ${faults} at fault`);
  return faults === 0 ? 0 : 1;
}

if (import.meta.main) process.exit(await main());
