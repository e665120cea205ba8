import { expect, test } from "vitest";
import { toBakeFile, toPartsFile } from "../../../../build/bake/bake.ts";
import { toCallerFile } from "../../../../build/bake/caller.ts";
import { forNodes } from "../../../../build/bake/nodes.ts";
import type { BakeFile, BakeTarget } from "../../../../build/clients/bake-file.ts";
import type { ConfigFlags } from "../../../../build/config/config.ts";
import { makePlan } from "../../../../build/plan/plan.ts";
import { configOf, FACTS, MINIMAL } from "../../../support/plan-facts.ts";

const HANDLER = { file: "embed.ts", project: "/project", sources: "/project/handler" };

async function filesOf(flags: ConfigFlags = {}) {
  const images = makePlan(await configOf(MINIMAL, flags), FACTS).map((image) => ({
    ...image,
    handler: HANDLER,
  }));
  const options = { root: "/root/of/mkimage", output: () => "type=local,dest=/out" };
  return { whole: toBakeFile(images, options), parts: toPartsFile(images, options) };
}

const linksOf = ({ contexts = {} }: BakeTarget) =>
  Object.values(contexts)
    .filter((context) => context.startsWith("target:"))
    .map((context) => context.slice("target:".length));

/** Links whose two ends a builder with one node for each platform would build on different nodes. */
const apart = ({ target }: BakeFile) =>
  Object.entries(target).flatMap(([name, each]) =>
    linksOf(each)
      .filter((below) => JSON.stringify(target[below]?.platforms) !== JSON.stringify(each.platforms))
      .map((below) => `${name} ← ${below}`),
  );

const withoutPlatform = ({ target }: BakeFile) =>
  Object.keys(target).filter((name) => target[name]?.platforms?.length !== 1);

test("on several nodes, all that an image is joined from has its platform", async () => {
  const { whole, parts } = await filesOf();
  expect(apart(whole)).not.toEqual([]);
  for (const each of [whole, parts]) {
    const { file } = forNodes(each, whole);
    expect(apart(file)).toEqual([]);
    // Questions to a registry, which no image is joined from.
    expect(withoutPlatform(file).filter((name) => !/^base\d+$/.test(name))).toEqual([]);
  }
});

test("what several platforms need is made on each of them, and exported once", async () => {
  const { whole, parts } = await filesOf({ os: ["debian"], quantization: ["fp32"] });
  const { file, copies } = forNodes(parts, whole);
  const names = ["runtime", "verifier", "bundler", "model-minilm-fp32", "handler-embed_ts-"];
  const isExpected = (name: string) => names.some((each) => name.startsWith(each));
  expect([...new Set(copies.values())].filter(isExpected)).toHaveLength(names.length);
  expect(copies.size).toBe(names.length);
  const copy = "model-minilm-fp32__linux-amd64";
  expect(copies.get(copy)).toBe("model-minilm-fp32");
  expect(file.group.default.targets).toContain(copy);
  expect(file.target[copy]).toEqual({
    ...parts.target["model-minilm-fp32"],
    contexts: { ...parts.target["model-minilm-fp32"]?.contexts, verifier: "target:verifier__linux-amd64" },
    output: ["type=cacheonly"],
    platforms: ["linux/amd64"],
  });
  expect(file.target["model-minilm-fp32"]).toEqual({
    ...parts.target["model-minilm-fp32"],
    platforms: ["linux/arm64"],
  });
});

test("a model of one architecture is made on the node of that architecture alone", async () => {
  const { whole, parts } = await filesOf({ os: ["debian"], quantization: ["int8"] });
  const { file } = forNodes(parts, whole);
  const models = Object.entries(file.target).filter(([name]) => name.startsWith("model-"));
  expect(models.map(([name, { platforms }]) => [name, platforms])).toEqual([
    ["model-minilm-int8-arm64", ["linux/arm64"]],
    ["model-minilm-int8-amd64", ["linux/amd64"]],
  ]);
});

test("images of one architecture need no copy, and what no image is joined from stays as it is", async () => {
  const { whole, parts } = await filesOf({ arch: ["arm64"] });
  const { file, copies } = forNodes(parts, whole);
  expect([...copies]).toEqual([]);
  expect(parts.target["base0"]).toBeDefined();
  expect(file.target["base0"]).toEqual(parts.target["base0"]);
  expect(Object.keys(file.target)).toEqual(Object.keys(parts.target));
  expect(file.group).toEqual(parts.group);
});

test("the caller is made on one node, with the emulators of both architectures", () => {
  const file = toCallerFile({ root: "", arch: "amd64", reference: "caller", label: {} });
  expect(apart(file)).toEqual([]);
  expect(["rie-arm64", "rie-amd64"].map((name) => file.target[name]?.args?.["RIE_PLATFORM"])).toEqual([
    "linux/arm64",
    "linux/amd64",
  ]);
});
