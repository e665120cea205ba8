import type { CheckTime } from "../request/deadline.ts";
import { type Coefficients, coefficientsOf, nearestOf, PRECISION, type Side } from "./coefficients.ts";
import { FILTERS } from "./filters.ts";
import { blank, type Extent, type Pixels, type Window } from "./pixels.ts";

interface ResampleOptions {
  readonly size: Extent;
  /** The part to compute, within the picture's edges. */
  readonly window: Window;
  readonly filter: number;
  /** Called between rows; may throw. */
  readonly checkTime?: CheckTime;
}

/**
 * Resizes a picture with exactly the result of Pillow's `Image.resize`, which models were trained on. The result of
 * libvips changes scores in the second digit.
 */
export function resample(picture: Pixels, options: ResampleOptions): Pixels {
  const { size, window, filter: number, checkTime = () => {} } = options;
  const filter = FILTERS[number];
  if (filter === undefined) throw new Error(`no filter has the number ${number}`);
  const across = { from: picture.width, to: size.width, start: window.left, length: window.width };
  const down = { from: picture.height, to: size.height, start: window.top, length: window.height };
  if (filter === "nearest") return pick(picture, nearestOf(across), nearestOf(down));
  const vertical = coefficientsOf(down, filter);
  const rows = rowsOf(vertical, down);
  const horizontal = isCopy(across)
    ? columns(picture, across, rows)
    : sumAcross(picture, coefficientsOf(across, filter), { ...rows, checkTime });
  return isCopy(down) ? horizontal : sumDown(horizontal, vertical, { ...rows, checkTime });
}

function isCopy({ from, to }: Side): boolean {
  return from === to;
}

interface Rows {
  readonly start: number;
  readonly end: number;
}

interface Pass extends Rows {
  readonly checkTime: CheckTime;
}

function rowsOf({ first, count }: Coefficients, down: Side): Rows {
  if (isCopy(down)) return { start: down.start, end: down.start + down.length };
  const last = down.length - 1;
  return { start: first[0] as number, end: (first[last] as number) + (count[last] as number) };
}

function pick({ data, width }: Pixels, across: Int32Array, down: Int32Array): Pixels {
  const result = blank({ width: across.length, height: down.length });
  let to = 0;
  for (const y of down) {
    for (const x of across) {
      const from = (y * width + x) * 3;
      result.data[to++] = data[from] as number;
      result.data[to++] = data[from + 1] as number;
      result.data[to++] = data[from + 2] as number;
    }
  }
  return result;
}

function columns({ data, width }: Pixels, { start: left, length }: Side, { start, end }: Rows): Pixels {
  const result = blank({ width: length, height: end - start });
  for (let y = start; y < end; y++) {
    const from = (y * width + left) * 3;
    result.data.set(data.subarray(from, from + length * 3), (y - start) * length * 3);
  }
  return result;
}

const HALF = 1 << (PRECISION - 1);

function toByte(sum: number): number {
  return Math.max(0, Math.min(255, sum >> PRECISION));
}

function sumAcross(
  { data, width }: Pixels,
  { first, count, weights, stride }: Coefficients,
  { start, end, checkTime }: Pass,
): Pixels {
  const result = blank({ width: first.length, height: end - start });
  let to = 0;
  for (let y = start; y < end; y++) {
    checkTime();
    for (let x = 0; x < first.length; x++) {
      let from = (y * width + (first[x] as number)) * 3;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      const last = x * stride + (count[x] as number);
      for (let k = x * stride; k < last; k++, from += 3) {
        const weight = weights[k] as number;
        red += (data[from] as number) * weight;
        green += (data[from + 1] as number) * weight;
        blue += (data[from + 2] as number) * weight;
      }
      result.data[to++] = toByte(red);
      result.data[to++] = toByte(green);
      result.data[to++] = toByte(blue);
    }
  }
  return result;
}

/** `data` begins with the source's row `start`. */
function sumDown(
  { data, width }: Pixels,
  { first, count, weights, stride }: Coefficients,
  { start, checkTime }: Pass,
): Pixels {
  const result = blank({ width, height: first.length });
  const row = width * 3;
  for (let y = 0; y < first.length; y++) {
    checkTime();
    const top = ((first[y] as number) - start) * row;
    const last = y * stride + (count[y] as number);
    for (let x = 0; x < row; x++) {
      let sum = HALF;
      for (let k = y * stride, from = top + x; k < last; k++, from += row) {
        sum += (data[from] as number) * (weights[k] as number);
      }
      result.data[y * row + x] = toByte(sum);
    }
  }
  return result;
}
