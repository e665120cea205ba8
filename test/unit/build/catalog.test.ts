import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { toBakeFile } from "../../../build/bake/bake.ts";
import { ARCHES, names, OSES, osRow, PART_BASES } from "../../../build/catalog.ts";
import { makePlan } from "../../../build/plan/plan.ts";
import { configOf, FACTS } from "../../support/plan-facts.ts";

const IMAGES = join(import.meta.dirname, "../../../images");
const FOLDERS = readdirSync(IMAGES).sort();
const dockerfile = (folder: string) => readFile(join(IMAGES, folder, "Dockerfile"), "utf8");
const argument = (text: string, name: string) => new RegExp(`^ARG ${name}=(.+)$`, "m").exec(text)?.[1];

test("names of a table are its keys in order", () => {
  expect(names({ b: 1, a: 2 })).toEqual(["b", "a"]);
});

test("no name is an operating system and a part, so that --base is clear", () => {
  expect(names(OSES).filter((os) => os in PART_BASES)).toEqual([]);
});

test("every folder of images/ is a system of the catalog or a part of the graph, and none is missing", async () => {
  const every = { functions: { both: { models: ["minilm", "vit"] } } };
  const config = await configOf(every, {}, { "handler.ts": "" });
  const { target } = toBakeFile(makePlan(config, FACTS), {
    root: join(IMAGES, ".."),
    output: () => "",
  });
  const used = Object.values(target).map(({ dockerfile = "" }) => relative(IMAGES, dockerfile).split("/")[0]);
  expect(FOLDERS).toEqual([...new Set([...used, ...names(OSES)])].sort());
});

describe.each(names(OSES))("images/%s/Dockerfile", (os) => {
  test("has the row's base as default", async () => {
    expect(argument(await dockerfile(os), "BASE")).toBe(OSES[os].base);
  });

  test("copies every part as a layer of its own, glibc where the row asks for it", async () => {
    const copies = [...(await dockerfile(os)).matchAll(/^COPY (.*)$/gm)].map(([, text]) => text);
    const parts = ["node", "rie", "onnxruntime", "tokenizers", "runtime"];
    const wanted = osRow(os).addGlibc ? ["glibc", ...parts] : parts;
    expect(copies).toEqual(wanted.map((part) => `--link --from=${part} / /`));
  });

  test("runs nothing of the target architecture", async () => {
    expect(await dockerfile(os)).not.toMatch(/^\s*RUN\b/m);
  });

  test("differs from the others in nothing but base and glibc", async () => {
    const common = (text: string) =>
      text.replace(/^ARG BASE=.*\n/, "").replace(/^COPY --link --from=glibc .*\n/m, "");
    expect(common(await dockerfile(os))).toBe(common(await dockerfile("debian")));
  });
});

test.each(FOLDERS.filter((folder) => !(folder in OSES)))(
  "images/%s/Dockerfile runs programs on the build platform alone and has the catalog's bases as default",
  async (part) => {
    const text = await dockerfile(part);
    const stages = text.split(/^FROM /m).slice(1);
    const platform = new Map<string, boolean>();
    for (const stage of stages) {
      const [, onBuild, from = "", name = ""] =
        /^(--platform=\$BUILDPLATFORM )?(\S+)(?: AS (\S+))?/.exec(stage) ?? [];
      const native = Boolean(onBuild) || platform.get(from) === true;
      platform.set(name, native);
      expect(/^RUN\b/m.test(stage) ? native : true).toBe(true);
    }
    for (const base of names(PART_BASES)) {
      expect([undefined, PART_BASES[base]]).toContain(argument(text, base.toUpperCase()));
    }
  },
);

test("architectures have the names that their neighbours use", () => {
  expect(
    names(ARCHES).map((arch) => [ARCHES[arch].platform, ARCHES[arch].lambda, ARCHES[arch].npmCpu]),
  ).toEqual([
    ["linux/arm64", "arm64", "arm64"],
    ["linux/amd64", "x86_64", "x64"],
  ]);
});
