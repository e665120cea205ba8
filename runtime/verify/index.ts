// Runs the program with a model during the build: `node verify.mjs MODEL QUESTIONS OUT`, on the build machine. A problem is
// printed as a line `mkimage: …` on stdout, which mkimage shows, with exit code 1.
import { readFileSync, writeFileSync } from "node:fs";
import { openModel } from "../serving/open-model.ts";
import { ask, reasonOf } from "./ask.ts";
import type { Question } from "./question.ts";

const [folder = "", file = "", out = ""] = process.argv.slice(2);
const questions: readonly Question[] = JSON.parse(readFileSync(file, "utf8"));
const { name } = JSON.parse(readFileSync(`${folder}/mkimage.json`, "utf8"));

async function firstFault(): Promise<string | undefined> {
  const model = await openModel(folder, 1).catch((error: unknown) => reasonOf(error));
  if (typeof model === "string") return `the program cannot use it: ${model}`;
  for (const question of questions) {
    const fault = await ask(model, question);
    if (fault) return fault;
  }
  return undefined;
}

const fault = await firstFault();
if (fault === undefined) writeFileSync(out, `${JSON.stringify({ questions: questions.length })}\n`);
else console.log(`mkimage: model "${name}": ${fault}`);
process.exit(fault === undefined ? 0 : 1);
