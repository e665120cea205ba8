import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readLock } from "../../build/lock.ts";
import { readyModel } from "../../build/models.ts";
import { TOOL_ROOT } from "../../build/project.ts";
import { openTokenizer, type TextTokenizer } from "../../runtime/tokenizer.ts";
import { ODD_TOKENIZERS } from "./support/odd-tokenizers.ts";

const MODELS = join(TOOL_ROOT, "test/models");
const small = execFileSync(join(MODELS, "up"), { encoding: "utf8" }).trim();
const REAL = ["paraphrase-minilm-l3", "all-minilm-l6-v2"];
const SMALL = readdirSync(small).filter((name) => existsSync(join(small, name, "tokenizer.json")));
const ODD = Object.keys(ODD_TOKENIZERS);

const scratch = mkdtempSync(join(tmpdir(), "mkimage-vocabulary-"));
const [plain, split] = [join(scratch, "plain"), join(scratch, "split")];
/** The odd ones have names that no folder should have. */
const folderOf = (name: string) => (ODD.includes(name) ? `odd-${ODD.indexOf(name)}` : name);

beforeAll(async () => {
  const lock = await readLock(TOOL_ROOT);
  const { signal } = new AbortController();
  for (const name of [...REAL, ...SMALL, ...ODD]) mkdirSync(join(plain, folderOf(name)), { recursive: true });
  const copy = (from: string, name: string) => {
    for (const file of ["tokenizer.json", "tokenizer_config.json"])
      if (existsSync(join(from, file)))
        cpSync(join(from, file), join(plain, name, file), { dereference: true });
  };
  for (const name of SMALL) copy(join(small, name), name);
  for (const name of REAL)
    copy((await readyModel(name, lock, { project: TOOL_ROOT, signal, log: console.error })).dir, name);
  for (const [name, { definition, config = {} }] of Object.entries(ODD_TOKENIZERS)) {
    writeFileSync(join(plain, folderOf(name), "tokenizer.json"), JSON.stringify(definition));
    writeFileSync(join(plain, folderOf(name), "tokenizer_config.json"), JSON.stringify(config));
  }
  const file = join(MODELS, "split.Dockerfile");
  const args = ["--quiet", `--file=${file}`, `--build-context=tokenizers=${plain}`, `--output=${split}`];
  execFileSync("docker", ["buildx", "build", ...args, join(TOOL_ROOT, "images/model")], {
    env: { ...process.env, BUILDX_NO_DEFAULT_ATTESTATIONS: "1" },
  });
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Every character of the basic plane, half ones too, apart and together. */
function* characters(): Generator<string> {
  for (let first = 0; first < 0x10000; first += 128) {
    const row = Array.from({ length: 128 }, (_, index) => String.fromCharCode(first + index));
    yield row.join("");
    yield row.join(" ");
  }
}

const TEXTS = [
  "",
  " ",
  "Hello world, hello worlds! unbelievably",
  "My name is Wolfgang and I live in Berlin, near the café.",
  "  two  blanks\tand \r\n ends\u2028of\u0085lines\0 ",
  "naïve façade: é e\u0301 Å \u212b ﬁ ½ İ ß",
  "東京 は 日本 🙂 👩‍👩‍👧‍👦 𝔘𝔫𝔦 \ud83d lone",
  "a b ab aab abab hello [unused0] <tool> [NEW] <x> <y> far b [NONE] __proto__ constructor 7 0 toString",
  "[CLS] [SEP] [MASK] [PAD] [UNK] <s> </s> <mask> <pad> <unk> <|endoftext|> ##s ##[MASK] a[MASK]b",
  "qzxj".repeat(60),
  "word ".repeat(3000),
  "x".repeat(5000),
  ...readFileSync(join(TOOL_ROOT, "models/texts/sentences.txt"), "utf8").split("\n"),
  ...characters(),
];

const known = (name: string): string[] => {
  const { model, added_tokens } = JSON.parse(
    readFileSync(join(plain, folderOf(name), "tokenizer.json"), "utf8"),
  );
  const tokens = Array.isArray(model.vocab)
    ? model.vocab.map(([token]: [string]) => token)
    : Object.keys(model.vocab);
  return [...tokens, ...added_tokens.map(({ content }: { content: string }) => content)];
};

/** A decoder may fail for an id that stands for nothing: then both do. */
function outcome<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    return String(error);
  }
}

/** All that a task may ask of a tokenizer. */
function* answers(tokenizer: TextTokenizer, tokens: readonly string[]): Generator<unknown> {
  const { padId, padSide, mask } = tokenizer;
  yield { padId, padSide, mask, special: [tokenizer.specialTokens(1), tokenizer.specialTokens(2)] };
  for (const token of tokens) {
    for (const text of [token, `${token}\u0301`, token.slice(1)])
      yield [text, tokenizer.idOf(text), tokenizer.spell([text])];
  }
  for (let id = 0; id < tokens.length + 128; id++)
    yield [id, outcome(() => tokenizer.decode([id])), tokenizer.isSpecial(id)];
  for (const text of TEXTS) {
    const pieces = tokenizer.pieces(text);
    const { ids } = pieces;
    yield [text, pieces, tokenizer.join(ids), tokenizer.join(ids, ids)];
    for (const skipSpecial of [false, true])
      yield [text, outcome(() => tokenizer.decode(ids, { skipSpecial }))];
  }
}

test.each([...REAL, ...SMALL, ...ODD])(
  "%s is the same tokenizer without its vocabulary in tokenizer.json",
  (name) => {
    const open = (folder: string) => openTokenizer(join(folder, folderOf(name)));
    const tokens = known(name);
    const other = answers(open(split), tokens);
    for (const answer of answers(open(plain), tokens)) {
      const { value } = other.next();
      // toEqual for each of a hundred thousand takes minutes.
      if (JSON.stringify(value) !== JSON.stringify(answer)) expect(value).toEqual(answer);
    }
  },
);

test.each([...REAL, ...SMALL, ...ODD])("%s is split where it can be, and else left alone", (name) => {
  const read = (folder: string) => readFileSync(join(folder, folderOf(name), "tokenizer.json"), "utf8");
  const { type } = JSON.parse(read(plain)).model;
  const expected = ODD_TOKENIZERS[name]?.split ?? type !== "Unigram";
  const folder = readdirSync(join(split, folderOf(name)));
  expect(folder.includes("tokenizer.json.tokens")).toBe(expected);
  expect(folder.includes("tokenizer.json.table")).toBe(expected);
  if (expected) expect(Object.keys(JSON.parse(read(split)).model.vocab).length).toBeLessThan(2);
  else expect(read(split)).toBe(read(plain));
});
