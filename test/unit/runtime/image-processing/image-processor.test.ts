import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { budgetOf } from "../../../../runtime/image-processing/budget.ts";
import { openImageProcessor } from "../../../../runtime/image-processing/image-processor.ts";
import { work } from "../../../support/tiny-model.ts";
import { COLOURS, colours, plain } from "./files.ts";

async function open(config: object) {
  const folder = await mkdtemp(join(tmpdir(), "mkimage-images-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "preprocessor_config.json"), JSON.stringify(config));
  return openImageProcessor(folder, 1);
}

const UNCHANGED = { do_resize: false, do_rescale: false, do_normalize: false };
const file = await colours().png().toBuffer();

test("a tensor has red, green and blue apart, or the pixels as they are", async () => {
  const reader = await open(UNCHANGED);
  const image = await reader.read(file, "inputs", work());
  const pixels = COLOURS.flat();
  expect([...reader.toTensor([image, image], "NHWC")]).toEqual([...pixels, ...pixels]);
  const planes = [0, 1, 2].flatMap((colour) => pixels.filter((_, i) => i % 3 === colour));
  expect([...reader.toTensor([image], "NCHW")]).toEqual(planes);
});

test("blue comes first where the model wants that", async () => {
  const reader = await open({ ...UNCHANGED, do_flip_channel_order: true });
  const image = await reader.read(file, "inputs", work());
  expect([...reader.toTensor([image], "NHWC").subarray(0, 3)]).toEqual([0, 0, 255]);
});

test("a smaller image than is cut out gets a black border", async () => {
  const reader = await open({ ...UNCHANGED, do_center_crop: true, crop_size: { height: 4, width: 5 } });
  const { width, height, data } = await reader.read(file, "inputs", work());
  expect({ width, height }).toEqual({ width: 5, height: 4 });
  const black = Array(15).fill(0);
  const [first = [], second = []] = COLOURS;
  expect([...data]).toEqual([...black, 0, 0, 0, ...first, 0, 0, 0, 0, 0, 0, ...second, 0, 0, 0, ...black]);
});

test("a line that would be stretched beyond all measure is refused", async () => {
  const reader = await open({
    size: { shortest_edge: 224 },
    image_processor_type: "MobileNetV2ImageProcessor",
    do_center_crop: false,
  });
  const line = await plain(1, 6000).png().toBuffer();
  await expect(reader.read(line, "inputs", work())).rejects.toThrow(
    "inputs: 1 × 6000 pixels would become 224 × 1344000",
  );
});

test("the same line is no trouble where the middle is cut out", async () => {
  const reader = await open({ image_processor_type: "MobileNetV2ImageProcessor" });
  const line = await plain(1, 6000).png().toBuffer();
  expect(await reader.read(line, "inputs", work())).toMatchObject({ width: 224, height: 224 });
});

const pixelsWith = (memory: string | undefined, slots?: string) =>
  budgetOf({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memory, AWS_LAMBDA_MAX_CONCURRENCY: slots }).pixels;

test("events that are in work at once share the memory", () => {
  expect(pixelsWith("1024", "8")).toBe(4 * 2 ** 20);
  expect(budgetOf({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1024", AWS_LAMBDA_MAX_CONCURRENCY: "8" }).ahead).toBe(
    1,
  );
  expect(budgetOf({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1024" }).ahead).toBe(4);
});

test("how large an image may be follows from the function's memory", async () => {
  expect(pixelsWith("128")).toBe(4 * 2 ** 20);
  expect(pixelsWith("1769")).toBe(57_966_592);
  expect(pixelsWith("10240")).toBe(64_000_000);
  expect(pixelsWith(undefined)).toBe(64_000_000);
  vi.stubEnv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128");
  const reader = await open(UNCHANGED);
  const large = await plain(2100, 2100).png().toBuffer();
  await expect(reader.read(large, "inputs", work())).rejects.toMatchObject({ status: 413 });
});

test("a config that cannot be used keeps the model from being opened", async () => {
  await expect(open({ resample: 7 })).rejects.toThrow("preprocessor_config.json: resample is 7");
});
