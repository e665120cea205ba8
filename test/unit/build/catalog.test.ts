import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { toBakeFile } from "../../../build/bake/bake.ts";
import { BASELINE_PARTS, toBaselineFile } from "../../../build/bake/baseline.ts";
import { toCallerFile } from "../../../build/bake/caller.ts";
import { names, OSES, osRow, PART_BASES, QUANTIZATIONS, type Recipe } from "../../../build/catalog.ts";
import type { ReadyModel } from "../../../build/models/ready-model.ts";
import { makePlan } from "../../../build/plan/plan.ts";
import { toVariant } from "../../../build/plan/variant.ts";
import { TASKS } from "../../../models/tasks.ts";
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

test("every folder of images/ is a part of the graph, and none is missing", async () => {
  const every = { functions: { both: { models: ["minilm", "vit"] } } };
  const config = await configOf(every, {}, { "handler.ts": "" });
  const { target } = toBakeFile(makePlan(config, FACTS), {
    root: join(IMAGES, ".."),
    output: () => "",
  });
  const caller = toCallerFile({ root: join(IMAGES, ".."), arch: "arm64", reference: "caller", label: {} });
  const [model] = Object.values(FACTS.models) as [ReadyModel];
  const variant = toVariant(model, { quantization: "fp32", arch: "arm64" });
  const made = { root: join(IMAGES, ".."), reference: "baseline", label: {}, output: [] };
  const baselines = names(BASELINE_PARTS).map((name) => toBaselineFile(name, variant, made));
  const targets = [{ target }, caller, ...baselines].flatMap((file) => Object.values(file.target));
  const used = targets.map(({ dockerfile = "" }) => relative(IMAGES, dockerfile).split("/")[0]);
  expect(FOLDERS).toEqual([...new Set(used)].sort());
});

test("images/system/Dockerfile copies every part as a layer of its own, and runs nothing of the target architecture", async () => {
  const text = await dockerfile("system");
  const copies = [...text.matchAll(/^COPY (.*)$/gm)].map(([, line]) => line);
  const parts = ["glibc", "node", "rie", "onnxruntime", "tokenizers", "runtime"];
  expect(copies).toEqual(parts.map((part) => `--link --from=${part} / /`));
  expect(text).not.toMatch(/^\s*RUN\b/m);
});

test.each(names(OSES))("glibc is put beside the C library of %s where its row asks for it", async (os) => {
  const config = await configOf({ functions: { embed: { model: "minilm" } }, os: [os], arch: ["arm64"] });
  const { target } = toBakeFile(makePlan(config, FACTS), { root: join(IMAGES, ".."), output: () => "" });
  const { args, contexts } = target[`system-${os}-arm64`] ?? {};
  const { addGlibc } = osRow(os);
  expect(args?.["LIBC"]).toBe(addGlibc ? "with-glibc" : undefined);
  expect(contexts?.["glibc"]).toBe(addGlibc ? `target:glibc-${os}-arm64` : undefined);
});

test.each(FOLDERS)("images/%s/Dockerfile has the catalog's bases as default", async (part) => {
  const text = await dockerfile(part);
  for (const base of names(PART_BASES)) {
    expect([undefined, PART_BASES[base]]).toContain(argument(text, base.toUpperCase()));
  }
});

// A baseline is made for the architecture of the machine that it is measured on.
test.each(FOLDERS.filter((part) => !part.startsWith("baseline-")))(
  "images/%s/Dockerfile runs programs on the build platform alone",
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
  },
);

/** What the function of each method in recipes.py reads of a recipe. */
function methodsOf(python: string): Record<string, string[]> {
  const functions = new Map(
    python.split(/^def /m).map((text) => [text.slice(0, text.indexOf("(")), text] as const),
  );
  const rows = python.slice(python.indexOf("METHODS")).matchAll(/"(\w+)": (\w+)/g);
  const fieldsOf = (name: string) =>
    [...(functions.get(name) ?? "").matchAll(/recipe\["(\w+)"\]/g)].map(([, field = ""]) => field).sort();
  return Object.fromEntries([...rows].map(([, method = "", name = ""]) => [method, fieldsOf(name)]));
}

test("images/model/recipes.py has the methods of the catalog, and reads what their recipes have", async () => {
  const python = methodsOf(await readFile(join(IMAGES, "model/recipes.py"), "utf8"));
  const recipes = names(QUANTIZATIONS).flatMap((name): Recipe[] =>
    Object.values(QUANTIZATIONS[name].recipes),
  );
  expect(Object.keys(python).sort()).toEqual([...new Set(recipes.map(({ method }) => method))].sort());
  for (const { method, optimize: _, session: __, ...fields } of recipes)
    expect({ method, fields: python[method] }).toEqual({ method, fields: Object.keys(fields).sort() });
});

test("images/model/asks.py asks tasks of the table alone", async () => {
  const text = await readFile(join(IMAGES, "model/asks.py"), "utf8");
  const asked = [...text.slice(text.indexOf("\nASKS")).matchAll(/^ {4}"([\w-]+)":/gm)].map(
    ([, task = ""]) => task,
  );
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((task) => !(task in TASKS))).toEqual([]);
});
