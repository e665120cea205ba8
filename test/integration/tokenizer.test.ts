import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Encoding } from "../../runtime/tokenizer/encoding.ts";
import { openTokenizer } from "../../runtime/tokenizer/tokenizer.ts";
import type { EncodeOptions, TextOrPair } from "../../runtime/tokenizer/types.ts";
import { RAW_TEXTS, TEXTS } from "../support/awkward-texts.ts";
import { DEFINITIONS } from "../support/tokenizer-definitions.ts";

/** Every third text beside one further on. */
const PAIRS = RAW_TEXTS.flatMap((text, i): [string, string][] =>
  i % 3 === 0 ? [[text, RAW_TEXTS[(i * 7 + 3) % RAW_TEXTS.length] ?? ""]] : [],
);
const [MAX, STRIDE, OWN] = [12, 3, 6];
const WHOLE = 100_000;

/** Ways to truncate, as Python is told them and as the runtime is. */
const TRUNCATIONS: Readonly<Record<string, { readonly python: object; readonly ours: EncodeOptions }>> = {
  right: { python: { max_length: MAX }, ours: { maxTokens: MAX } },
  left: { python: { max_length: MAX, direction: "left" }, ours: { maxTokens: MAX, direction: "left" } },
  first: {
    python: { max_length: MAX, strategy: "only_first" },
    ours: { maxTokens: MAX, strategy: "only_first" },
  },
};

/** What both versions of Python's package are asked. */
const ASKED = { texts: TEXTS, pairs: PAIRS.map((pair) => pair.map((text) => text.toWellFormed())) };

/**
 * The version of the model stage answers for whole texts. Versions from 0.23 on stop reading a text at the limit and lose
 * windows with it, so that what is truncated is compared with the one that transformers has.
 */
const VERSIONS = {
  stage: ASKED,
  transformers: {
    ...ASKED,
    truncations: {
      ...Object.fromEntries(Object.entries(TRUNCATIONS).map(([name, { python }]) => [name, python])),
      windows: { max_length: MAX, stride: STRIDE },
    },
    stride: STRIDE,
    own: OWN,
  },
} as const;

interface Answers {
  readonly stage: { readonly whole: readonly unknown[]; readonly decoded: readonly (readonly string[])[] };
  readonly transformers: Readonly<Record<string, readonly unknown[]>> & {
    readonly beside: readonly { readonly maxTokens: number; readonly windows: unknown }[];
  };
}

const PYTHON = join(import.meta.dirname, "../fixtures/tokenizers");
const folder = mkdtempSync(join(tmpdir(), "mkimage-tokenizers-"));
const names = Object.keys(DEFINITIONS);
const folderOf = (name: string) => join(folder, String(names.indexOf(name)));

/** Those that the runtime reads by need when they are large, as if they were. */
const LARGE = names.filter((name) => JSON.stringify(DEFINITIONS[name]).includes('"type":"Unigram"'));
const large = mkdtempSync(join(tmpdir(), "mkimage-tokenizers-large-"));
const largeFolderOf = (name: string) => join(large, String(names.indexOf(name)));

beforeAll(() => {
  for (const [name, definition] of Object.entries(DEFINITIONS)) {
    mkdirSync(folderOf(name));
    writeFileSync(join(folderOf(name), "tokenizer.json"), JSON.stringify(definition));
    if (LARGE.includes(name)) cpSync(folderOf(name), largeFolderOf(name), { recursive: true });
  }
  for (const [version, asked] of Object.entries(VERSIONS)) {
    writeFileSync(join(folder, `${version}.json`), JSON.stringify(asked));
    const python = execFileSync(join(PYTHON, "up"), [version], { encoding: "utf8" }).trim();
    const run = (script: string, ...args: string[]) =>
      execFileSync(python, [join(PYTHON, script), ...args], { stdio: ["ignore", "ignore", "inherit"] });
    run("answers.py", folder, version);
    if (version === "transformers") continue;
    run("split.py", folder);
    run("split.py", large, "1");
  }
});
afterAll(() => {
  for (const each of [folder, large]) rmSync(each, { recursive: true, force: true });
});

/** In Python's shape. */
function shown(encoding: Encoding | undefined): unknown {
  if (!encoding) return null;
  const { ids, typeIds, wordIds, tokens, offsets } = encoding;
  return { ids, typeIds, offsets: offsets.map(({ start, end }) => [start, end]), wordIds, tokens };
}

/** toEqual for each of a million takes minutes. */
function expectSame(about: unknown, ours: unknown, python: unknown): void {
  if (JSON.stringify(ours) !== JSON.stringify(python))
    expect({ about, answer: ours }).toEqual({ about, answer: python });
}

test("a hundred awkward texts", () => expect(new Set(RAW_TEXTS).size).toBeGreaterThanOrEqual(100));

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

test.each([
  ...names.map((name) => ({ name, opened: folderOf(name), how: "whole" })),
  ...LARGE.map((name) => ({ name, opened: largeFolderOf(name), how: "by need" })),
])("$name, $how", async ({ name, opened }) => {
  const read = (version: string) => JSON.parse(readFileSync(join(folderOf(name), `${version}.json`), "utf8"));
  const { stage, transformers }: Answers = { stage: read("stage"), transformers: read("transformers") };
  const tokenizer = await openTokenizer(opened);
  const items: TextOrPair[] = [...RAW_TEXTS, ...PAIRS];

  for (const [i, { encoding }] of (await tokenizer.encode(items, { maxTokens: WHOLE })).entries()) {
    expectSame({ text: items[i] }, shown(encoding), stage.whole[i]);
    if (i >= RAW_TEXTS.length) continue;
    for (const skipSpecial of [false, true]) {
      const text = tokenizer.decode(encoding?.ids ?? [], { skipSpecial, cleanUp: false });
      expectSame({ decoded: items[i], skipSpecial }, text, stage.decoded[i]?.[Number(skipSpecial)]);
    }
  }
  for (const [truncation, { ours }] of Object.entries(TRUNCATIONS)) {
    for (const [i, { encoding }] of (await tokenizer.encode(items, ours)).entries())
      expectSame({ truncation, text: items[i] }, shown(encoding), transformers[truncation]?.[i]);
  }
  for (const [i, text] of RAW_TEXTS.entries()) {
    const windows = await all(tokenizer.windows(text, { maxTokens: MAX, stride: STRIDE }));
    expectSame({ windows: text }, windows.map(shown), transformers["windows"]?.[i]);
  }
  for (const [i, pair] of PAIRS.entries()) {
    const { maxTokens = 0, windows } = transformers.beside[i] ?? {};
    const ours = await all(tokenizer.windows(pair, { maxTokens, stride: STRIDE }));
    expectSame({ windows: pair }, ours.map(shown), windows);
  }
});

test("a large vocabulary is the same tokens and ids", async () => {
  for (const name of LARGE) {
    expect(existsSync(join(largeFolderOf(name), "tokenizer/pieces.json"))).toBe(true);
    const [whole, byNeed] = await Promise.all([folderOf(name), largeFolderOf(name)].map(openTokenizer));
    const tokens = [...RAW_TEXTS, "hello", "▁hello", "[CLS]", "<unk>", "\0\uffff"];
    expect(tokens.map((token) => byNeed?.idOf(token))).toEqual(tokens.map((token) => whole?.idOf(token)));
  }
});

test("calls at the same time do not get each other's pieces", async () => {
  const tokenizer = await openTokenizer(largeFolderOf("Unigram"));
  const alone: unknown[] = [];
  for (const text of RAW_TEXTS)
    alone.push((await tokenizer.encode([text], { maxTokens: WHOLE }))[0]?.encoding?.ids);
  const calls = RAW_TEXTS.map(
    async (text) => (await tokenizer.encode([text], { maxTokens: WHOLE }))[0]?.encoding?.ids,
  );
  expect(await Promise.all(calls)).toEqual(alone);
});

test("the text that the image of before read as f, ü, r is the one token that it was trained as", async () => {
  const tokenizer = await openTokenizer(folderOf("the issue's: Whitespace and für"));
  const [encoded] = await tokenizer.encode(["für"], { maxTokens: 10 });
  expect(encoded?.encoding?.ids).toEqual([5]);
});

/** Whether a vocabulary is in files of its own: of every kind that the library has a reader for, and where that is exact. */
test.each([
  ["the issue's: Whitespace and für", true],
  ["WordPiece", true],
  ["WordLevel", true],
  ["BPE with bytes", true],
  ["BPE with a suffix", true],
  ["BPE with an id left out", true],
  ["added tokens special true", true],
  ["added tokens with the ids of others", true],
  ["BPE that ignores merges", false],
  ["BPE of tokens with blanks", false],
  ["WordPiece with blanks and line ends as tokens", false],
  ["WordPiece with an id left out", false],
  ["Unigram", false],
])("%s: split %s", (name, expected) => {
  const files = ["vocab.txt", "vocab.json"].map((file) => join(folderOf(name), "tokenizer", file));
  expect(files.some((file) => existsSync(file))).toBe(expected);
});
