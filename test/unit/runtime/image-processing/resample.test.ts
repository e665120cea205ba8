import { expect, test } from "vitest";
import { FILTERS } from "../../../../runtime/image-processing/filters.ts";
import type { Pixels, Window } from "../../../../runtime/image-processing/pixels.ts";
import { resample } from "../../../../runtime/image-processing/resample.ts";

const ROW = [0, 10, 200, 255, 30, 90, 160];
const across = (values: readonly number[]): Pixels => ({
  width: values.length,
  height: 1,
  data: Uint8Array.from(values.flatMap((value) => [value, 255 - value, 128])),
});
const turned = ({ width, height, data }: Pixels): Pixels => ({ width: height, height: width, data });
const reds = ({ data }: Pixels) => [...data].filter((_, i) => i % 3 === 0);
const whole = (width: number, height: number): { size: Pixels | Window; window: Window } => {
  const window = { left: 0, top: 0, width, height };
  return { size: window, window };
};

/** What Pillow 11.1 gives for the row in 3 and in 11 pixels, by the number of the filter. */
const PILLOW = [
  { small: [10, 255, 90], large: [0, 0, 10, 200, 200, 255, 30, 30, 90, 160, 160] },
  { small: [50, 170, 96], large: [5, 0, 22, 145, 255, 255, 103, 12, 77, 142, 165] },
  { small: [47, 165, 102], large: [0, 5, 27, 148, 220, 255, 112, 46, 85, 128, 160] },
  { small: [46, 170, 101], large: [0, 0, 21, 153, 242, 255, 103, 26, 83, 134, 165] },
  { small: [5, 162, 125], large: [0, 0, 10, 200, 200, 255, 30, 30, 90, 160, 160] },
  { small: [30, 185, 109], large: [0, 4, 12, 182, 212, 255, 78, 36, 89, 132, 160] },
];

test("there is a filter for each number of Pillow's", () => {
  expect(FILTERS).toHaveLength(PILLOW.length);
  expect(() => resample(across(ROW), { ...whole(3, 1), filter: 6 })).toThrow("no filter has the number 6");
});

test.each(PILLOW.entries().toArray())(
  "filter %d gives what Pillow gives, in both directions",
  (filter, wanted) => {
    for (const values of [wanted.small, wanted.large]) {
      expect(reds(resample(across(ROW), { ...whole(values.length, 1), filter }))).toEqual(values);
      expect(reds(resample(turned(across(ROW)), { ...whole(1, values.length), filter }))).toEqual(values);
    }
  },
);

test("colours do not run into each other", () => {
  const { data } = resample(across(ROW), { ...whole(3, 1), filter: 2 });
  expect([...data]).toEqual([47, 208, 128, 165, 90, 128, 102, 153, 128]);
});

test("a size that is the same is a copy", () => {
  for (const filter of FILTERS.keys()) {
    expect(resample(across(ROW), { ...whole(7, 1), filter })).toEqual(across(ROW));
  }
});

test.each([...FILTERS.keys()])(
  "filter %d: a window of the result is what it is in the whole result",
  (filter) => {
    const image: Pixels = {
      width: 23,
      height: 17,
      data: Uint8Array.from({ length: 23 * 17 * 3 }, (_, i) => (i * 7919) % 256),
    };
    for (const size of [
      { width: 11, height: 9 },
      { width: 40, height: 17 },
      { width: 23, height: 30 },
    ]) {
      const all = resample(image, { ...whole(size.width, size.height), filter });
      const window = { left: 3, top: 2, width: 5, height: 6 };
      const part = resample(image, { size, window, filter });
      for (let y = 0; y < window.height; y++) {
        const from = ((y + window.top) * size.width + window.left) * 3;
        const row = part.data.subarray(y * window.width * 3, (y + 1) * window.width * 3);
        expect([...row]).toEqual([...all.data.subarray(from, from + window.width * 3)]);
      }
    }
  },
);
