import { describe, expect, test } from "vitest";
import { readSettings } from "../../../../runtime/image-processing/settings.ts";

const red = (config: object) => readSettings({ ...config }).values[0] as Float32Array;
const { fround } = Math;

test("an empty config does what ViT's class does", () => {
  const { resize, crop, values, flips } = readSettings({});
  expect(resize).toMatchObject({ size: { height: 224, width: 224 }, filter: 2 });
  expect(crop).toBeUndefined();
  expect(flips).toBe(false);
  expect(values.map((table) => [table[0], table[255]])).toEqual([
    [-1, 1],
    [-1, 1],
    [-1, 1],
  ]);
});

test("names of fast and of old classes are the same class", () => {
  const names = ["DeiTImageProcessor", "DeiTImageProcessorFast", "DeiTFeatureExtractor"];
  for (const name of names) {
    for (const key of ["image_processor_type", "feature_extractor_type"]) {
      const { resize, crop } = readSettings({ [key]: name });
      expect(resize).toMatchObject({ size: { height: 256, width: 256 }, filter: 3 });
      expect(crop).toEqual({ height: 224, width: 224 });
    }
  }
});

test("one number as size is a square, or the shorter side where the class means that", () => {
  expect(readSettings({ size: 96 }).resize?.size).toEqual({ height: 96, width: 96 });
  const clip = { image_processor_type: "CLIPImageProcessor", size: 96 };
  expect(readSettings(clip).resize?.size).toEqual({ shortest: 96 });
});

test("null is no for a flag, and not given for the rest", () => {
  const config = {
    image_processor_type: "DeiTImageProcessor",
    do_center_crop: null,
    size: null,
    image_mean: null,
  };
  expect(readSettings(config).crop).toBeUndefined();
  expect(readSettings(config).resize?.size).toEqual({ height: 256, width: 256 });
});

describe("each byte becomes", () => {
  test("itself without scale and normalization", () => {
    expect([...red({ do_rescale: false, do_normalize: false })]).toEqual([...Array(256).keys()]);
  });

  test("what numpy makes of it in 32 bits", () => {
    const table = red({ image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] });
    expect(table[100]).toBe(fround(fround(fround(100 / 255) - fround(0.485)) / fround(0.229)));
  });

  test("less one with EfficientNet's offset, and is divided twice with its top", () => {
    const net = { image_processor_type: "EfficientNetImageProcessor", rescale_factor: 1 / 127.5 };
    expect(red({ ...net, rescale_offset: true, do_normalize: false })[255]).toBe(2);
    expect(red({ ...net, rescale_offset: true, include_top: false })[255]).toBe(1);
  });

  test("the same for all colours when one number is given", () => {
    const { values } = readSettings({ image_mean: 0, image_std: 1 });
    expect(values.map((table) => table[255])).toEqual([1, 1, 1]);
  });
});

describe("is refused with the field", () => {
  test.each([
    [{ size: { longest_edge: 800 } }, 'size is {"longest_edge":800}: expected height and width'],
    [{ size: 0 }, "size is 0"],
    [{ do_center_crop: true }, "crop_size is undefined"],
    [{ resample: 9 }, "resample is 9"],
    [{ resample: "bicubic" }, "resample is not a number"],
    [{ image_mean: [0.5] }, "image_mean is not a number, nor a list of three"],
    [{ do_pad: true }, "do_pad is not supported"],
    [{ image_processor_type: "ImageGPTImageProcessor" }, "ImageGPTImageProcessor, which is not supported"],
  ])("%j", (config, says) => {
    expect(() => readSettings(config)).toThrow(says);
  });
});
