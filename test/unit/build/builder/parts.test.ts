import { readdir } from "node:fs/promises";
import { beforeEach, expect, test, vi } from "vitest";
import { makeParts } from "../../../../build/builder/parts.ts";
import type { BakeFile } from "../../../../build/clients/bake-file.ts";
import { type BakeMetadata, builderNodes, runBake } from "../../../../build/clients/buildx.ts";
import type { Base, Image } from "../../../../build/plan/image.ts";
import { makePlan } from "../../../../build/plan/plan.ts";
import { temporaryFolder, writeTree } from "../../../support/folder.ts";
import { configOf, FACTS, MINIMAL } from "../../../support/plan-facts.ts";
import { refusal } from "../../../support/refusal.ts";

vi.mock(import("../../../../build/clients/buildx.ts"), async (original) => ({
  ...(await original()),
  builderNodes: vi.fn(async () => 1),
  runBake: vi.fn(),
}));
const bake = vi.mocked(runBake);

const DIGEST = `sha256:${"b".repeat(64)}`;
const OPTIONS = { signal: new AbortController().signal, secrets: [] };
const reportOf = (cosine: number) => ({ figures: { "cosine.min": cosine }, samples: 12, graphs: {} });

/** A builder that writes this report of each model, and tells DIGEST of each base that it is asked for. */
function builderWith(report: unknown) {
  bake.mockImplementation(async (file: BakeFile): Promise<BakeMetadata> => {
    for (const output of Object.values(file.target).flatMap((target) => target.output ?? [])) {
      const [, folder] = /dest=([^",]+)/.exec(output) ?? [];
      if (folder) await writeTree(folder, { "report.json": report });
    }
    const materials = [{ uri: "pkg:docker/base", digest: { sha256: DIGEST.slice("sha256:".length) } }];
    const asked = Object.keys(file.target).filter((target) => /^base\d+$/.test(target));
    return Object.fromEntries(asked.map((target) => [target, { "buildx.build.provenance": { materials } }]));
  });
}

/** Images of one model for both architectures, as int8. */
const images = async (changes: object = {}): Promise<Image[]> =>
  makePlan(await configOf(MINIMAL, { os: ["debian"], quantization: ["int8"] }), { ...FACTS, ...changes });

let said: string[];
beforeEach(async () => {
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
  said = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  bake.mockReset();
});

test("images get what was found of their models, in one build of them all", async () => {
  builderWith(reportOf(0.97));
  const planned = await images();
  const found = await makeParts(planned, OPTIONS);
  expect(bake).toHaveBeenCalledOnce();
  expect(found.map(({ name }) => name)).toEqual(planned.map(({ name }) => name));
  for (const { models } of found) expect(models[0].report).toEqual(reportOf(0.97));
});

test("on a builder of several nodes, what both architectures need is made for each", async () => {
  vi.mocked(builderNodes).mockResolvedValueOnce(2);
  builderWith(reportOf(0.97));
  const found = await makeParts(await images(), OPTIONS);
  for (const { models } of found) expect(models[0].report).toEqual(reportOf(0.97));
  const [file] = bake.mock.calls[0] ?? [];
  const made = Object.entries(file?.target ?? {}).filter(([name]) => name.startsWith("runtime"));
  expect(made.map(([name, { platforms }]) => [name, platforms])).toEqual([
    ["runtime", ["linux/arm64"]],
    ["runtime__linux-amd64", ["linux/amd64"]],
  ]);
});

test("what no one would expect of a model is said once, for all architectures", async () => {
  const graph = { source: {}, weights: {}, loaded: {}, notes: ["three layers were left as they are"] };
  builderWith({ ...reportOf(0.97), graphs: { "model.onnx": graph } });
  await makeParts(await images(), OPTIONS);
  expect(said.join("").match(/three layers were left as they are/g)).toHaveLength(1);
});

test("a report that is not one ends the build", async () => {
  builderWith({ figures: {} });
  await expect(makeParts(await images(), OPTIONS)).rejects.toThrow(/samples|graphs/);
});

const basesOf = (images: readonly Image[]) => images.flatMap(({ bases }) => Object.values(bases) as Base[]);

test("bases without a digest get the one that the builder tells", async () => {
  builderWith(reportOf(1));
  const found = await makeParts(await images(), OPTIONS);
  expect(new Set(basesOf(found).map(({ digest }) => digest))).toEqual(new Set([DIGEST]));
  expect(bake.mock.calls[0]?.[1]).toMatchObject({ provenance: true });
});

test("bases with the lock's digests are not asked for", async () => {
  builderWith(reportOf(1));
  const locked = `sha256:${"1".repeat(64)}`;
  const digests = Object.fromEntries(basesOf(await images()).map(({ reference }) => [reference, locked]));
  const found = await makeParts(await images({ digests }), OPTIONS);
  expect(new Set(basesOf(found).map(({ digest }) => digest))).toEqual(new Set([locked]));
  expect(bake.mock.calls[0]?.[1]).toMatchObject({ provenance: false });
});

test("nothing is left of it, whether it succeeds or not", async () => {
  builderWith(reportOf(1));
  const planned = await images();
  const folder = await temporaryFolder();
  vi.stubEnv("TMPDIR", folder);
  await makeParts(planned, OPTIONS);
  bake.mockRejectedValue(new Error("broken"));
  await expect(makeParts(planned, OPTIONS)).rejects.toThrow("broken");
  expect(await readdir(folder)).toEqual([]);
});

test("a model below its gate is refused with its table, and the field and the file of the limit", async () => {
  const failure = {
    text: 'model "minilm" as int8 is not as accurate\nsample  cosine',
    limits: { cosine: 0.99 },
  };
  builderWith({ ...reportOf(0.9), failure });
  const error = await refusal(async () => makeParts(await images(), OPTIONS));
  expect(error.exitCode).toBe(1);
  expect(error.message).toBe(failure.text);
  expect(error.hint).toContain("`gate.cosine` in models/minilm.json (now 0.99)");
});
