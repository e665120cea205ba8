import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { loadSpec } from "../../../../build/models/specs.ts";
import { toVariant } from "../../../../build/plan/variant.ts";
import { samplesOf } from "../../../../build/smoke/cases.ts";
import { updateReplies } from "../../../../build/smoke/update-replies.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const SPEC = {
  task: "text-classification",
  source: "file:weights",
  files: { "model.onnx": "model.onnx", "tokenizer.json": "tokenizer.json" },
};
const reply = (score: number) => [[{ label: "joy", score }]];

/** Updates a project whose model has these samples, with what the reference answers to them. */
async function update(folder: string, replies: ({ reply: unknown } | { reason: string })[]) {
  const said: string[] = [];
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said.push(String(text).trimEnd());
    return true;
  });
  onTestFinished(() => spy.mockRestore());
  const spec = await loadSpec(folder, "moods");
  const model = { name: "moods", spec, digest: "", samplesDigest: "", dir: "", samples: "" };
  const variant = toVariant(model, { quantization: "fp32", arch: "amd64" });
  await updateReplies(folder, { variant, samples: samplesOf(spec), replies, reference: "Python" });
  return said;
}

const projectWith = (samples: unknown[]) =>
  temporaryFolder({ "models/moods.json": JSON.stringify({ ...SPEC, samples }) });
const written = async (folder: string) =>
  JSON.parse(await readFile(join(folder, "models/moods.samples.json"), "utf8"));

test("new replies are written, and are what samples are compared with", async () => {
  const folder = await projectWith([{ inputs: "a" }, { inputs: "b", parameters: { top_k: 1 } }]);
  const said = await update(folder, [{ reply: reply(0.9) }, { reply: reply(0.8) }]);
  expect(said).toEqual([
    "moods, sample 1: is new",
    "moods, sample 2: is new",
    "models/moods.samples.json: 2 replies, 2 of them new or changed",
  ]);
  const spec = await loadSpec(folder, "moods");
  expect(samplesOf(spec).map(({ expected }) => expected)).toEqual([reply(0.9), reply(0.8)]);
});

test("replies within the tolerance stay as they are, others are shown", async () => {
  const folder = await projectWith([{ inputs: "a" }]);
  await update(folder, [{ reply: reply(0.9) }]);
  expect(await update(folder, [{ reply: reply(0.9001) }])).toEqual([
    "models/moods.samples.json: 1 reply, as before",
  ]);
  expect((await written(folder)).samples[0].expected).toEqual(reply(0.9));
  const said = await update(folder, [{ reply: reply(0.5) }]);
  expect(said[0]).toBe("moods, sample 1: answer[0][0].score is 0.5, expected 0.9: 0.400 away");
  expect((await written(folder)).samples[0].expected).toEqual(reply(0.5));
});

test("what a person has written stays", async () => {
  const folder = await projectWith([{ inputs: "a", expected: reply(0.3) }]);
  expect(await update(folder, [{ reply: reply(0.9) }])).toEqual([
    "note: moods, sample 1: `expected` of its spec stays, but answer[0][0].score is 0.9, expected 0.3: 0.600 away",
    "models/moods.samples.json: 0 replies, as before",
  ]);
  expect(samplesOf(await loadSpec(folder, "moods"))[0]?.expected).toEqual(reply(0.3));
});

test("a sample without a reference is said with the reason", async () => {
  const folder = await projectWith([{ inputs: "a" }]);
  expect(await update(folder, [{ reason: "it only generates greedily" }])).toEqual([
    "note: moods, sample 1: the reference has no reply: it only generates greedily",
    "models/moods.samples.json: 0 replies, as before",
  ]);
});

test("a file that is no list of replies is refused", async () => {
  const folder = await projectWith([{ inputs: "a" }]);
  await writeFile(join(folder, "models/moods.samples.json"), '{"samples": 1}');
  await expect(loadSpec(folder, "moods")).rejects.toThrow("moods.samples.json");
});
