import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openImageProcessor } from "../../../../runtime/image-processing/image-processor.ts";
import type { Graph } from "../../../../runtime/onnx/graph.ts";
import { port } from "../../../support/tiny-model.ts";
import { plain } from "../image-processing/files.ts";

/** Scores an image by how red, green and blue it is, in tenths of a byte. */
const graph: Graph = {
  inputs: [port("pixel_values", "float32", ["batch", 3, 2, 2])],
  outputs: [port("logits", "float32", ["batch", 3])],
  async run({ pixel_values: pixels }) {
    const [count = 0] = pixels?.dims ?? [];
    const colours = [...((pixels?.data ?? []) as Float32Array)].filter((_, i) => i % 4 === 0);
    return [{ data: Float32Array.from(colours, (value) => value / 10), dims: [count, 3] }];
  },
  close: async () => {},
};

async function reader() {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-colours-"));
  try {
    const processor = { size: { height: 2, width: 2 }, do_rescale: false, do_normalize: false };
    writeFileSync(join(folder, "preprocessor_config.json"), JSON.stringify(processor));
    return await openImageProcessor(folder, 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A model of images of 2 × 2 points. */
export const COLOUR_MODEL = {
  graph,
  images: await reader(),
  config: { id2label: { 0: "red", 1: "green", 2: "blue" } },
};

/** A PNG of one colour, in base64. */
export const paint = async (colour: string): Promise<string> =>
  (await plain(5, 4, colour).png().toBuffer()).toString("base64");

export const PICTURES = [await paint("#ff0000"), await paint("#008087")] as const;
