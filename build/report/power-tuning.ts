import type { Figures } from "../bench/figures.ts";
import type { Price } from "../bench/prices/prices.ts";
import type { Arch } from "../catalog.ts";
import { UserError } from "../errors.ts";

/** A line of what aws-lambda-power-tuning measured: memory in MB, mean time in ms, dollars of the time, without the request fee. */
export interface Stat {
  readonly value: number;
  readonly averageDuration: number;
  readonly averagePrice: number;
}

/** The output of aws-lambda-power-tuning: https://github.com/alexcasalboni/aws-lambda-power-tuning/blob/master/README-ADVANCED.md */
interface PowerTuning {
  readonly power: number;
  /** Dollars of the time of one request, without its fee. */
  readonly cost: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly stateMachine: {
    readonly executionCost: number;
    readonly lambdaCost: number;
    readonly visualization: string;
  };
  readonly stats: readonly Stat[];
}

/** Numbers in the fragment of the visualization's address: little-endian, of 2 or 4 bytes, as base64. */
const encoded = (values: readonly number[], Type: typeof Int16Array | typeof Float32Array): string =>
  Buffer.from(new Type(values).buffer).toString("base64");

/** The lines in the fragment of the visualization's address; undefined for an address of another form. */
export function decodeStats(visualization = ""): Stat[] | undefined {
  const [, fragment = ""] = visualization.split("#");
  const [sizes, times, prices] = fragment.split(";").map((part) => {
    const bytes = Buffer.from(part, "base64");
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  });
  if (!sizes || sizes.byteLength === 0 || sizes.byteLength % 2 > 0) return undefined;
  const count = sizes.byteLength / 2;
  if (times?.byteLength !== count * 4 || prices?.byteLength !== count * 4) return undefined;
  const stats = Array.from({ length: count }, (_, place) => ({
    value: sizes.getInt16(place * 2, true),
    averageDuration: times.getFloat32(place * 4, true),
    averagePrice: prices.getFloat32(place * 4, true),
  }));
  return stats.every(
    ({ value, averageDuration, averagePrice }) => value > 0 && averageDuration > 0 && averagePrice >= 0,
  )
    ? stats
    : undefined;
}

/**
 * One cell at its memory sizes as aws-lambda-power-tuning gives it, with the cheapest as the answer. Its duration is a mean
 * without the slowest and fastest fifth; here it is the median, which is nearest to that, and the price is that of all samples. It leaves
 * out the request fee.
 * @throws UserError (exit 2) for figures of several cells or without times
 */
export function toPowerTuning(figures: readonly Figures[], price: (arch: Arch) => Price): PowerTuning {
  const cells = [...new Set(figures.filter(({ cell }) => !cell.baseline).map(({ name }) => name))];
  if (cells.length > 1) {
    throw new UserError(`The format of power-tuning has one cell, and the results have ${cells.length}`, {
      hint: `Choose it with --os, --arch and --quantization: ${cells.join(", ")}`,
    });
  }
  const stats = figures
    .flatMap(({ memoryMB, warm, costs, cell }) =>
      warm && costs && !cell.baseline
        ? [
            {
              value: memoryMB,
              averageDuration: warm.p50.value,
              averagePrice: costs.perMillion.value / 1e6 - price(cell.arch).request,
            },
          ]
        : [],
    )
    .sort((a, b) => a.value - b.value);
  const [best] = stats.toSorted((a, b) => a.averagePrice - b.averagePrice);
  if (!best) throw new UserError("The chosen cell has no times", { hint: "Measure it first: mkimage bench" });
  const fragment = [
    encoded(
      stats.map(({ value }) => value),
      Int16Array,
    ),
    encoded(
      stats.map(({ averageDuration }) => averageDuration),
      Float32Array,
    ),
    encoded(
      stats.map(({ averagePrice }) => averagePrice),
      Float32Array,
    ),
  ].join(";");
  return {
    power: best.value,
    cost: best.averagePrice,
    duration: best.averageDuration,
    stateMachine: {
      executionCost: 0,
      lambdaCost: 0,
      visualization: `https://lambda-power-tuning.show/#${fragment}`,
    },
    stats,
  };
}
