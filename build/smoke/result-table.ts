import { samplesOf } from "./cases.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { SmokeResult } from "./smoke.ts";
import type { AnyTested } from "./test-any.ts";
import { type CellResult, isFaulty } from "./test-cells.ts";

/** Whether a spec says what its model has to answer. */
const isCompared = ({ models }: SmokeResult) =>
  models.some(({ spec }) => samplesOf(spec).some(({ expected }) => expected !== undefined));

/** Times of an emulated image say nothing about Lambda. */
const resultCells = (result: SmokeResult): string[] => [
  result.emulated ? "–" : `${Math.round(result.firstMs)} ms`,
  result.emulated ? "–" : `${result.warmMs.toFixed(1)} ms`,
  result.peakMemoryMB === undefined ? "–" : `${result.peakMemoryMB} MB`,
  isCompared(result) ? result.largestDifference.toExponential(1) : "not compared",
  result.abi.newest.GLIBC ?? "none",
  result.emulated ? "emulated" : "native",
];

const RESULT_TITLES = ["first answer", "warm", "peak memory", "difference", "glibc needed", "machine"];

const lifecycleCells = (lifecycle: Lifecycle | undefined): string[] =>
  lifecycle
    ? [
        `${Math.round(lifecycle.stopMs)} ms`,
        String(lifecycle.atOnce),
        lifecycle.restore.by,
        lifecycle.written.length === 0 ? "none" : String(lifecycle.written.length),
      ]
    : LIFECYCLE_TITLES.map(() => "–");

const LIFECYCLE_TITLES = ["end by SIGTERM", "events at once", "snapshot by", "files outside /tmp"];

/** The results as rows, the titles first. Pure. */
export const resultTable = (results: readonly CellResult[], thorough: boolean): string[][] => {
  const titles = thorough ? [...RESULT_TITLES, ...LIFECYCLE_TITLES] : RESULT_TITLES;
  const cells = (result: SmokeResult) => [
    ...resultCells(result),
    ...(thorough ? lifecycleCells(result.lifecycle) : []),
  ];
  return [
    ["image", "result", ...titles],
    ...results.map((cell) => [
      cell.image.reference,
      cell.status,
      ...(isFaulty(cell) ? titles.map(() => "–") : cells(cell.result)),
    ]),
  ];
};

/** The result of any image as rows, the titles first. Pure. */
export function anyTable(tested: AnyTested, thorough: boolean): string[][] {
  const { reference, emulated, firstMs, warmMs, largestDifference = 0, reply, lifecycle } = tested;
  const titles = ["image", "result", "first answer", "warm", "difference", "machine"];
  const cells = [
    reference,
    "passed",
    emulated ? "–" : `${Math.round(firstMs)} ms`,
    emulated ? "–" : `${warmMs.toFixed(1)} ms`,
    reply === undefined ? largestDifference.toExponential(1) : "not compared",
    emulated ? "emulated" : "native",
  ];
  return thorough
    ? [
        [...titles, ...LIFECYCLE_TITLES],
        [...cells, ...lifecycleCells(lifecycle)],
      ]
    : [titles, cells];
}
