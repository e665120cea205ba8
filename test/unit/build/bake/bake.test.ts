import { describe, expect, test } from "vitest";
import {
  type BakeFile,
  type BakeOptions,
  LAMBDA_EXPORT,
  partNames,
  toBakeFile,
  toPartsFile,
} from "../../../../build/bake/bake.ts";
import { ARCHES, names, OSES, osRow } from "../../../../build/catalog.ts";
import type { ConfigFlags } from "../../../../build/config/config.ts";
import { openBases } from "../../../../build/plan/found.ts";
import { makePlan } from "../../../../build/plan/plan.ts";
import { configOf, FACTS, MINIMAL } from "../../../support/plan-facts.ts";
import { refusal } from "../../../support/refusal.ts";

const OPTIONS: BakeOptions = { root: "/root/of/mkimage", output: () => "type=docker" };

async function bakeOf(file: unknown = MINIMAL, flags: ConfigFlags = {}, options: Partial<BakeOptions> = {}) {
  return toBakeFile(makePlan(await configOf(file, flags), FACTS), { ...OPTIONS, ...options });
}

const targetOf = (file: BakeFile, name: string) => {
  const target = file.target[name];
  if (!target) throw new Error(`no target ${name} among ${Object.keys(file.target).join(", ")}`);
  return target;
};

describe("the graph", () => {
  test("has a target per cell, and each shared part once", async () => {
    const file = await bakeOf();
    expect(file.group.default.targets).toHaveLength(names(OSES).length * names(ARCHES).length);
    const cells = names(OSES)
      .flatMap((os) => names(ARCHES).map((arch) => `${os}-${arch}`))
      .sort();
    const parts = Object.keys(file.target).filter((name) => !file.group.default.targets.includes(name));
    expect(parts.sort()).toEqual([
      "glibc-alpine-amd64",
      "glibc-alpine-arm64",
      "model-minilm-fp32",
      "node-amd64",
      "node-arm64",
      "onnxruntime-amd64",
      "onnxruntime-arm64",
      "rie-amd64",
      "rie-arm64",
      "runtime",
      ...cells.flatMap((cell) => [`system-${cell}`, `system-${cell}_model-minilm-fp32`]),
      "tokenizers-amd64",
      "tokenizers-arm64",
      "verifier",
    ]);
  });

  test("has every target that another one copies from", async () => {
    const file = await bakeOf({ functions: { a: { model: "minilm" }, b: { model: "bge-small.en" } } });
    const links = Object.values(file.target).flatMap(({ contexts = {} }) => Object.values(contexts));
    const wanted = links
      .filter((link) => link.startsWith("target:"))
      .map((link) => link.slice("target:".length));
    expect(wanted.length).toBeGreaterThan(16);
    expect(wanted.filter((name) => !(name in file.target))).toEqual([]);
  });

  test("exports and tags the images and nothing else", async () => {
    const file = await bakeOf();
    const exported = Object.entries(file.target).filter(([, { output, tags }]) => output ?? tags);
    expect(exported.map(([name]) => name)).toEqual(file.group.default.targets);
    expect(targetOf(file, "embed-debian-arm64")).toMatchObject({
      output: ["type=docker"],
      tags: ["shop/embed:debian-arm64"],
      attest: ["type=provenance,disabled=true", "type=sbom,disabled=true"],
    });
  });

  test("puts one platform into each image", async () => {
    const file = await bakeOf();
    const platforms = file.group.default.targets.map((name) => targetOf(file, name).platforms);
    expect(platforms.every((each) => each?.length === 1)).toBe(true);
  });

  test("puts glibc only beside systems that need it", async () => {
    const file = await bakeOf();
    for (const os of names(OSES)) {
      const { contexts = {} } = targetOf(file, `system-${os}-arm64`);
      expect("glibc" in contexts).toBe(osRow(os).addGlibc === true);
    }
  });

  test("builds the emulator's layer without the emulator for --no-rie", async () => {
    const file = await bakeOf(MINIMAL, { rie: false });
    expect(targetOf(file, "rie-none").target).toBe("without");
    expect(Object.keys(file.target).filter((name) => name.startsWith("rie-"))).toEqual(["rie-none"]);
  });

  test("is the same for the same arguments", async () => {
    expect(JSON.stringify(await bakeOf())).toBe(JSON.stringify(await bakeOf()));
  });
});

describe("a function that reads images", () => {
  const IMAGES = { functions: { classify: { model: "vit" }, embed: { model: "minilm" } } };
  const cell: ConfigFlags = { os: ["alpine"], arch: ["arm64"] };

  test("gets the decoder between system and models, for its own architecture", async () => {
    const file = await bakeOf(IMAGES, cell);
    expect(targetOf(file, "imaging-arm64")).toMatchObject({ target: "imaging", args: { CPU: "arm64" } });
    const joined = "system-alpine-arm64_imaging-arm64";
    expect(targetOf(file, joined).contexts).toEqual({
      below: "target:system-alpine-arm64",
      imaging: "target:imaging-arm64",
    });
    expect(targetOf(file, "classify-alpine-arm64").contexts).toMatchObject({
      models: `target:${joined}_model-vit-fp32`,
    });
    const [classify, embed] = makePlan(await configOf(IMAGES, cell), FACTS);
    expect(classify && partNames(classify).slice(-4)).toEqual([
      "tokenizers",
      "imaging",
      "model vit",
      "runtime",
    ]);
    expect(embed && partNames(embed)).not.toContain("imaging");
  });

  test("changes nothing of the functions beside it", async () => {
    const [beside, alone] = await Promise.all([
      bakeOf(IMAGES, cell),
      bakeOf({ functions: { embed: { model: "minilm" } } }, cell),
    ]);
    for (const [name, target] of Object.entries(alone.target)) expect(beside.target[name]).toEqual(target);
    expect(Object.keys(alone.target).filter((name) => name.includes("imaging"))).toEqual([]);
  });
});

describe("options", () => {
  test("secrets go to the steps that fetch packages and to no image", async () => {
    const file = await bakeOf(MINIMAL, {}, { secrets: ["id=ca,src=/etc/ca.pem"] });
    const withSecret = Object.entries(file.target).filter(([, { secret }]) => secret);
    expect(withSecret.map(([name]) => name).sort()).toEqual([
      "model-minilm-fp32",
      "onnxruntime-amd64",
      "onnxruntime-arm64",
      "runtime",
      "tokenizers-amd64",
      "tokenizers-arm64",
      "verifier",
    ]);
    expect(targetOf(file, "runtime").secret).toEqual(["id=ca,src=/etc/ca.pem"]);
  });

  test("output and tag are asked for every image", async () => {
    const file = await bakeOf(
      MINIMAL,
      { os: ["alpine"] },
      {
        output: ({ target }) => `type=oci,dest=/out/${target},${LAMBDA_EXPORT}`,
        tag: ({ name }) => `run-1:${name}`,
      },
    );
    expect(targetOf(file, "embed-alpine-amd64")).toMatchObject({
      output: [`type=oci,dest=/out/embed-alpine-amd64,${LAMBDA_EXPORT}`],
      tags: ["run-1:alpine-amd64"],
    });
  });

  test("no path of the machine gets into labels, arguments or tags", async () => {
    const file = await bakeOf();
    for (const { labels, args, tags } of Object.values(file.target)) {
      expect(JSON.stringify({ labels, args, tags })).not.toMatch(/\/root\/of\/mkimage|<cache>/);
    }
  });
});

test("bake is kept from evaluating what looks like its own expressions", async () => {
  const [image, ...rest] = makePlan(await configOf(MINIMAL, { os: ["debian"], arch: ["arm64"] }), FACTS);
  if (!image || rest.length > 0) throw new Error("expected one image");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: text that bake would evaluate
  const labels = { a: "${timestamp()} 100%", b: "%{ if true }$x" };
  const file = toBakeFile([{ ...image, labels }], OPTIONS);
  expect(targetOf(file, image.target).labels).toEqual({ a: "$${timestamp()} 100%", b: "%%{ if true }$x" });
});

describe("two different things of one name", () => {
  test.each([
    { what: "a function and a part", functions: { glibc: { model: "minilm" } }, name: "glibc-alpine-arm64" },
  ])("are refused: $what", async ({ functions, name }) => {
    const error = await refusal(() => bakeOf({ functions }, { os: ["debian", "alpine"], arch: ["arm64"] }));
    expect(error.exitCode).toBe(2);
    expect(error.message).toBe(`Two different things to build would both be called "${name}"`);
  });
});

describe("the parts of images, made side by side before they are joined", () => {
  const partsOf = async (file: unknown) =>
    toPartsFile(makePlan(await configOf(file), FACTS), {
      root: "/root",
      output: ({ target }) => `type=local,dest=/out/${target}`,
    });

  test("are the systems, the runtime and the models, whose reports are exported; no image", async () => {
    const file = await partsOf({ ...MINIMAL, os: ["debian", "alpine"], arch: ["arm64"] });
    expect(file.group.default.targets.filter((name) => !name.startsWith("base"))).toEqual([
      "model-minilm-fp32",
      "system-debian-arm64",
      "runtime",
      "system-alpine-arm64",
    ]);
    expect(targetOf(file, "model-minilm-fp32").output).toEqual(["type=local,dest=/out/model-minilm-fp32"]);
    expect(targetOf(file, "system-debian-arm64").output).toEqual(["type=cacheonly"]);
    expect(file.target["embed-debian-arm64"]).toBeUndefined();
  });

  test("go with a question for the digest of each base that has none", async () => {
    const images = makePlan(await configOf(MINIMAL, { os: ["alpine"] }), {
      ...FACTS,
      digests: { "alpine:3.23": `sha256:${"a".repeat(64)}` },
    });
    const { group, target } = toPartsFile(images, { root: "/root", output: () => "type=local" });
    const asked = group.default.targets.filter((name) => name.startsWith("base"));
    expect(asked.map((name) => target[name]?.["dockerfile-inline"])).toEqual(
      openBases(images).map((reference) => `FROM ${reference}\n`),
    );
    expect(openBases(images)).not.toContain("alpine:3.23");
  });

  test.each([MINIMAL, { functions: { both: { models: ["minilm", "vit"] }, embed: { model: "minilm" } } }])(
    "are made as the images' own file makes them, so that the builder finds them again: %j",
    async (config) => {
      const images = makePlan(await configOf(config), FACTS);
      const whole = toBakeFile(images, { root: "/root", output: () => "type=docker" });
      const { target } = await partsOf(config);
      for (const [name, { output, attest, ...recipe }] of Object.entries(target)) {
        if (/^(?:model-|base\d)/.test(name)) continue;
        expect(whole.target[name], name).toEqual(recipe);
      }
    },
  );
});

test("without the cache the steps that join an image run again, and not those of its parts", async () => {
  const file = await bakeOf(MINIMAL, { os: ["alpine"], arch: ["arm64"] }, { noCache: true });
  const again = Object.entries(file.target).filter(([, target]) => target["no-cache"]);
  expect(again.map(([name]) => name)).toEqual([
    "system-alpine-arm64_model-minilm-fp32",
    "embed-alpine-arm64",
  ]);
});

test("what callers may ask for is set in the image, for functions that say so", async () => {
  const allow = { serverFacts: true, s3: ["s3://pictures/in", "s3://other"] };
  const functions = {
    a: { model: "minilm", allow },
    b: { model: "minilm" },
    c: { model: "minilm", allow: {} },
  };
  const file = await bakeOf({ functions }, { os: ["debian"], arch: ["arm64"] });
  const { SOURCE_DATE_EPOCH: _, MODEL: __, ...args } = targetOf(file, "a-debian-arm64").args ?? {};
  expect(args).toEqual({ ALLOW_SERVER_FACTS: "true", ALLOW_S3: "s3://pictures/in,s3://other" });
  expect(targetOf(file, "b-debian-arm64").args).not.toHaveProperty("ALLOW_S3");
  expect(targetOf(file, "c-debian-arm64").args).toMatchObject({ ALLOW_SERVER_FACTS: "false", ALLOW_S3: "" });
});

describe("a project's own handler", () => {
  const HANDLER = "handler-handler_ts-9884c069";
  const files = { "handler.ts": "", "lib/b.ts": "", "package-lock.json": "{}" };
  const planOf = async (functions: object, flags: ConfigFlags = { os: ["debian"] }) =>
    makePlan(await configOf({ functions }, flags, files), FACTS);
  const one = { arch: ["arm64"], os: ["debian"] };

  test("is one target for all systems, architectures and functions that share it", async () => {
    const a = { model: "minilm" };
    const file = toBakeFile(await planOf({ a, b: a, c: { ...a, handler: "lib/b.ts" } }, {}), OPTIONS);
    const handlers = Object.keys(file.target).filter((name) => /^(handler|bundler)/.test(name));
    expect(handlers).toEqual(["bundler", HANDLER, "handler-lib_b_ts-5f69e1a3"]);
    expect(targetOf(file, "handler-lib_b_ts-5f69e1a3")).toMatchObject({
      args: { HANDLER: "lib/b.ts", PACKAGES: "." },
      contexts: { bundler: "target:bundler" },
    });
  });

  test("is one of its own for each file, also where names differ in a sign that no target may have", async () => {
    const named = ["lib/b.ts", "lib_b.ts", "lib-b.ts", "lib.b.ts"];
    const project = Object.fromEntries(named.map((name) => [name, ""]));
    const functions = Object.fromEntries(named.map((handler, i) => [`f${i}`, { model: "minilm", handler }]));
    const images = makePlan(await configOf({ functions }, one, project), {
      ...FACTS,
      sources: Object.fromEntries(named.map((name) => [name, `/sources/${name}`])),
    });
    const contexts = Object.entries(toBakeFile(images, OPTIONS).target).flatMap(([name, { context }]) =>
      name.startsWith("handler-") ? [context] : [],
    );
    expect(contexts).toEqual(named.map((name) => `/sources/${name}`));
  });

  test("lies above what its image would be without one, to the letter", async () => {
    const [own, plain] = await Promise.all(
      [undefined, false].map(async (handler) =>
        toBakeFile(await planOf({ a: { model: "minilm", handler } }, one), OPTIONS),
      ),
    );
    if (!own || !plain) throw new Error("no file");
    const { labels, tags, output, attest, ...recipe } = targetOf(plain, "a-debian-arm64");
    expect(targetOf(own, "a-debian-arm64_runtime")).toEqual(recipe);
    expect(targetOf(own, "a-debian-arm64")).toMatchObject({
      contexts: { function: "target:a-debian-arm64_runtime", handler: `target:${HANDLER}` },
      args: { SOURCE_DATE_EPOCH: "1700000000" },
      labels: { ...labels, "mkimage.handler": "handler.ts", "mkimage.handler.digest": "sha256:handler" },
      platforms: ["linux/arm64"],
      tags,
      output,
      attest,
    });
    expect(Object.keys(plain.target).filter((name) => /handler|bundler/.test(name))).toEqual([]);
  });

  test("is the last part of its image, and of no other", async () => {
    const [own, plain] = await planOf(
      { a: { model: "minilm" }, b: { model: "minilm", handler: false } },
      one,
    );
    expect(own && partNames(own).slice(-3)).toEqual(["model minilm", "runtime", "handler"]);
    expect(plain && partNames(plain).at(-1)).toBe("runtime");
  });

  test("is made with the other parts, as the images' own file makes it", async () => {
    const images = await planOf({ a: { model: "minilm" } }, one);
    const output = () => "type=local,dest=/out";
    const secrets = ["id=ca,src=/ca.pem"];
    const parts = toPartsFile(images, { root: "/root", output, secrets });
    expect(parts.group.default.targets).toContain(HANDLER);
    expect(parts.group.default.targets).not.toContain("bundler");
    const whole = toBakeFile(images, { root: "/root", output: () => "type=docker", secrets });
    const { output: kept, attest: _, ...recipe } = targetOf(parts, HANDLER);
    expect(kept).toEqual(["type=cacheonly"]);
    expect(recipe).toEqual(whole.target[HANDLER]);
    expect(recipe.secret).toEqual(secrets);
    expect(parts.target["bundler"]).toEqual(whole.target["bundler"]);
  });

  test("without the cache the steps that join it run again", async () => {
    const file = toBakeFile(await planOf({ a: { model: "minilm" } }, one), { ...OPTIONS, noCache: true });
    const again = Object.keys(file.target).filter((name) => file.target[name]?.["no-cache"]);
    expect(again).toEqual([
      "system-debian-arm64_model-minilm-fp32",
      "a-debian-arm64_runtime",
      "a-debian-arm64",
    ]);
  });
});
