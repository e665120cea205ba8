import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { TASKS } from "../../models/tasks.ts";
import type { Model } from "../../runtime/model/model.ts";
import { readRequest } from "../../runtime/request/request.ts";
import { newWork } from "../../runtime/request/work.ts";
import { openModel } from "../../runtime/serving/open-model.ts";

const MODELS = join(import.meta.dirname, "../fixtures/models");
const folder = execFileSync(join(MODELS, "up"), { encoding: "utf8" }).trim();

interface Request {
  readonly inputs: unknown;
  readonly parameters?: Readonly<Record<string, unknown>>;
}
type Case = Request & { readonly expected: unknown };

const cases = (name: string): Case[] => JSON.parse(readFileSync(join(folder, name, "expected.json"), "utf8"));
const taskOf = (name: string): string =>
  JSON.parse(readFileSync(join(folder, name, "mkimage.json"), "utf8")).task;
const names = readdirSync(folder).filter((name) => taskOf(name) in TASKS);
const open = (name: string) => openModel(join(folder, name), 1);

async function ask(model: Model, { inputs, parameters = {} }: Request): Promise<unknown> {
  const reply = await model.task.run(
    model,
    readRequest({ inputs, parameters }),
    newWork(() => {}),
  );
  return JSON.parse(JSON.stringify(reply));
}

/** Numbers within what two builds of a kernel may differ by, everything else exactly. */
function near(expected: unknown, digits = 4): unknown {
  if (typeof expected === "number") return expect.closeTo(expected, digits);
  if (Array.isArray(expected)) return expected.map((each) => near(each, digits));
  if (typeof expected !== "object" || expected === null) return expected;
  return Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, near(value, digits)]));
}

/** Tasks that answer one text with a list of one. */
const LISTS = ["text-classification", "summarization", "translation"];

test.each(names)("%s answers as Python's pipelines do", async (name) => {
  const model = await open(name);
  for (const { expected, ...request } of cases(name)) {
    const wanted = taskOf(name) === "text-classification" ? [expected] : expected;
    expect({ request, reply: await ask(model, request) }).toEqual({ request, reply: near(wanted) });
  }
});

test.each(names.filter((name) => cases(name).length > 1))(
  "%s gives for a list what it gives for each alone",
  async (name) => {
    const model = await open(name);
    const all = cases(name);
    const [first] = all;
    const alike = all.filter(
      ({ parameters }) => JSON.stringify(parameters) === JSON.stringify(first?.parameters),
    );
    const parameters = first?.parameters ?? {};
    const alone = await Promise.all(alike.map((one) => ask(model, one)));
    const wanted = LISTS.includes(taskOf(name)) ? alone.flat() : alone;
    expect(await ask(model, { inputs: alike.map(({ inputs }) => inputs), parameters })).toEqual(near(wanted));
  },
);

/**
 * What transformers.js can answer: it knows no XLNet, takes one mask only, has no targets, joins entities over others, and
 * applies no function of the caller's to images.
 */
const OURS = [
  "function_to_apply",
  "stride",
  "ignore_labels",
  "src_lang",
  "max_length",
  "min_length",
  "min_new_tokens",
  "suppress_tokens",
  "begin_suppress_tokens",
  "bad_words_ids",
];

function comparable(name: string): Case[] {
  return cases(name).filter(({ inputs, parameters = {} }) => {
    if (Object.keys(parameters).some((name) => OURS.includes(name))) return false;
    if (taskOf(name) === "text-classification" && typeof inputs !== "string") return false;
    if (name.startsWith("xlnet") || "targets" in parameters || /MASK.*MASK/.test(String(inputs)))
      return false;
    if (taskOf(name) === "question-answering" && (parameters.top_k ?? 1) !== 1) return false;
    return (parameters.aggregation_strategy ?? "none") === "none";
  });
}

/** Replies without what transformers.js does not tell or tells otherwise: offsets, the spelling of tokens and answers. */
function common(task: string, reply: unknown): unknown {
  if (task === "question-answering") return (reply as { score: number }).score;
  if (task !== "token-classification") return reply;
  // It leaves SentencePiece's mark for a blank out when that is a token of its own.
  const tokens = (reply as Record<string, unknown>[]).filter(({ word }) => word !== "▁");
  return tokens.map(({ start: _, end: __, word: ___, ...rest }) => rest);
}

describe("transformers.js", () => {
  const compared = names.filter((name) => comparable(name).length > 0);
  let replies: unknown[][];

  beforeAll(() => {
    const jobs = compared.map((model) => ({
      folder,
      model,
      task: taskOf(model),
      requests: comparable(model).map(({ inputs, parameters }) => ({ inputs, parameters })),
    }));
    const { stdout, stderr } = spawnSync(process.execPath, [join(MODELS, "reference.mjs")], {
      input: JSON.stringify(jobs),
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    if (!stdout) throw new Error(stderr);
    replies = JSON.parse(stdout);
  });

  test.each(compared)("%s answers as its pipelines do", async (name) => {
    const model = await open(name);
    const task = taskOf(name);
    const wanted = replies[compared.indexOf(name)] ?? [];
    for (const [i, request] of comparable(name).entries()) {
      const { parameters = {}, inputs } = request;
      // It answers with the best span of tokens, however long; whole words and the sum of spans alike are Python's and ours.
      const exact =
        task === "question-answering" ? { align_to_words: false, max_answer_len: 512 } : parameters;
      const reply = await ask(model, { inputs, parameters: exact });
      // It resizes images with sharp: the same image in other numbers. Python's are ours, to the bit.
      const digits = task === "image-classification" ? 1 : 4;
      expect({ inputs, reply: common(task, reply) }).toEqual({
        inputs,
        reply: near(common(task, wanted[i]), digits),
      });
    }
  });
});
