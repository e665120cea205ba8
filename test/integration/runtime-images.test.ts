import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { budgetOf } from "../../runtime/image-processing/budget.ts";
import { decode, loadSharp } from "../../runtime/image-processing/decode.ts";
import { readSettings } from "../../runtime/image-processing/settings.ts";
import { prepare, writeTensor } from "../../runtime/image-processing/tensor.ts";
import { newWork } from "../../runtime/request/work.ts";

/** What transformers' image processors make of pictures of every kind: test/fixtures/models/pictures.py. */
interface Case {
  /** Settings that come to the same. */
  readonly settings: readonly Record<string, unknown>[];
  readonly tensors: Readonly<Record<string, { readonly dims: number[]; readonly data: string }>>;
}

const folder = execFileSync(join(import.meta.dirname, "../fixtures/models/up"), { encoding: "utf8" }).trim();
const read = (name: string) => JSON.parse(readFileSync(join(folder, "vit", name), "utf8"));
const pictures: Readonly<Record<string, string>> = read("pictures.json");
const cases: readonly Case[] = read("processors.json");
const sharp = await loadSharp(1);

async function tensorOf(picture: string, config: Record<string, unknown>) {
  const settings = readSettings(config);
  const file = Buffer.from(pictures[picture] ?? "", "base64");
  const image = prepare(
    await decode(sharp, file, { field: "inputs", budget: budgetOf({}), work: newWork(() => {}) }),
    settings,
  );
  const into = new Float32Array(image.width * image.height * 3);
  writeTensor(image, settings, { into, channelOrder: "NCHW" });
  return { dims: [3, image.height, image.width], data: into };
}

const named = cases.flatMap(({ settings, tensors }) =>
  settings.map((config) => ({
    name: `${config["image_processor_type"]} ${JSON.stringify(config)}`,
    config,
    tensors,
  })),
);

test("there are pictures of every kind, and processors of every class", () => {
  expect(Object.keys(pictures).length).toBeGreaterThan(25);
  expect(Object.keys(cases[0]?.tensors ?? {})).toEqual(Object.keys(pictures));
  expect(new Set(named.map(({ config }) => config["image_processor_type"])).size).toBeGreaterThan(14);
});

describe("every number is the one that Python computes", () => {
  test.each(named)("$name", async ({ config, tensors }) => {
    for (const [picture, { dims, data }] of Object.entries(tensors)) {
      const bytes = Buffer.from(data, "base64");
      const wanted = Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
      const got = await tensorOf(picture, config);
      expect({ picture, dims: got.dims }).toEqual({ picture, dims });
      const off = wanted.findIndex((value, i) => value !== got.data[i]);
      expect({ picture, off, is: got.data[off] }).toEqual({ picture, off: -1, is: undefined });
    }
  });
});
