import { expect, test } from "vitest";
import { geometryOf } from "../../../../runtime/image-processing/geometry.ts";
import { readSettings } from "../../../../runtime/image-processing/settings.ts";

const of = (config: object, width: number, height: number) =>
  geometryOf({ width, height }, readSettings({ ...config }));
const at = (left: number, top: number, width: number, height: number) => ({ left, top, width, height });

test("both sides as given, whatever the image", () => {
  expect(of({ size: { height: 10, width: 20 } }, 7, 300)).toEqual({
    size: { height: 10, width: 20 },
    window: at(0, 0, 20, 10),
  });
});

test("the shorter side as given and the longer in proportion, rounded down, the middle cut out", () => {
  const clip = { image_processor_type: "CLIPImageProcessor", size: { shortest_edge: 25 }, crop_size: 24 };
  expect(of(clip, 50, 40)).toEqual({ size: { width: 31, height: 25 }, window: at(3, 0, 24, 24) });
  expect(of(clip, 40, 50)).toEqual({ size: { width: 25, height: 31 }, window: at(0, 3, 24, 24) });
});

test("a cut larger than the image reaches beyond its edges, more to the left and the top", () => {
  const config = { do_resize: false, do_center_crop: true, crop_size: { height: 8, width: 9 } };
  expect(of(config, 4, 3)).toEqual({ size: { width: 4, height: 3 }, window: at(-3, -3, 9, 8) });
});

test("ConvNext cuts a margin off below 384, and squeezes from there on", () => {
  const convnext = { feature_extractor_type: "ConvNextFeatureExtractor" };
  expect(of({ ...convnext, size: 224 }, 600, 300)).toEqual({
    size: { width: 512, height: 256 },
    window: at(144, 16, 224, 224),
  });
  expect(of({ ...convnext, size: 384 }, 600, 300)).toEqual({
    size: { width: 384, height: 384 },
    window: at(0, 0, 384, 384),
  });
});

test("nothing is resized where the config says so", () => {
  expect(of({ do_resize: false }, 5, 6)).toEqual({ size: { width: 5, height: 6 }, window: at(0, 0, 5, 6) });
});
