import { join } from "node:path";
import { expect, test } from "vitest";
import type { Figures } from "../../../../build/bench/figures.ts";
import { priceOf, readPrices } from "../../../../build/bench/prices/prices.ts";
import { UserError } from "../../../../build/errors.ts";
import { toPowerTuning } from "../../../../build/report/power-tuning.ts";
import { importedSeries, readPowerTuning } from "../../../../build/report/power-tuning-import.ts";
import { makeResults, resultLines } from "../../../support/bench-results.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { mkimage } from "../../../support/mkimage.ts";
import { seriesFrom } from "../../../support/report.ts";

const ONE = { os: ["alpine"], arch: ["arm64"], quantization: ["int8"], region: "us-east-1" } as const;
const prices = await readPrices("/nowhere");
const price = priceOf(prices, "us-east-1", "arm64");

/** The visualization of this output has three memory sizes; the address is that of the other tool's README. */
const TUNED = {
  power: "512",
  cost: 0.000044,
  duration: 16.6,
  stateMachine: {
    executionCost: 0.00045,
    lambdaCost: 0.0005252,
    visualization:
      "https://lambda-power-tuning.show/#gAAAAQACAAQABsAL;ZooQR4yvkUa/pQRGRC5zRaADHUVjOftE;QdWhOEMkoziDT5Q4xhiIOMYYiDi6RNc4",
  },
};
const STATS = [
  { value: "1024", averagePrice: 3e-7, averageDuration: 9 },
  { value: 512, averagePrice: 2e-7, averageDuration: 17.5 },
];

test("reads stats, the smallest memory first, whatever is a text", () => {
  expect(readPowerTuning(JSON.stringify({ ...TUNED, stats: STATS }), "x")).toEqual([
    { value: 512, averagePrice: 2e-7, averageDuration: 17.5 },
    { value: 1024, averagePrice: 3e-7, averageDuration: 9 },
  ]);
});

test("without stats it reads the address of the picture, and else the one that was chosen", () => {
  const drawn = readPowerTuning(JSON.stringify({ results: TUNED }), "x");
  expect(drawn.map(({ value }) => value)).toEqual([128, 256, 512, 1024, 1536, 3008]);
  expect(drawn[0]?.averageDuration).toBeCloseTo(37002.4, 1);
  expect(drawn[0]?.averagePrice).toBeCloseTo(7.7169e-5, 8);
  const { stateMachine: _, ...plain } = TUNED;
  expect(readPowerTuning(JSON.stringify(plain), "x")).toEqual([
    { value: 512, averagePrice: 0.000044, averageDuration: 16.6 },
  ]);
});

test.each([
  ["{}", /no output of aws-lambda-power-tuning/],
  ["[]", /no output/],
  ["{", /JSON/i],
  ['{"power":"much","cost":1,"duration":1}', /power/],
  ['{"power":null,"cost":1,"duration":1}', /power/],
  ['{"power":0,"cost":1,"duration":1}', /power/],
  ['{"power":512,"cost":1,"duration":0}', /duration/],
])("refuses %s", (text, message) => {
  expect(() => readPowerTuning(text, "tuned.json")).toThrow(UserError);
  expect(() => readPowerTuning(text, "tuned.json")).toThrow(message);
});

test("what was exported comes back as it was", () => {
  const figures = seriesFrom(makeResults({ ...ONE, memory: [512, 1024] })).map(({ latest }) => latest);
  const text = JSON.stringify(toPowerTuning(figures, () => price));
  const again = importedSeries(readPowerTuning(text, "x"), { like: figures[0] as Figures, price });
  expect(again.map(({ latest }) => [latest.memoryMB, latest.warm?.p50.value])).toEqual(
    figures.map(({ memoryMB, warm }) => [memoryMB, warm?.p50.value]),
  );
  for (const [index, { latest }] of again.entries())
    expect(latest.costs?.perMillion.value).toBeCloseTo(figures[index]?.costs?.perMillion.value ?? 0, 9);
});

test("mkimage report --import has both on one page, and asks for the architecture where there are two", async () => {
  const cwd = await temporaryFolder({
    "bench/results.jsonl": resultLines(
      makeResults({ os: ["alpine"], quantization: ["int8"], region: "us-east-1" }),
    ),
    "tuned.json": JSON.stringify({ ...TUNED, stats: STATS }),
  });
  const run = (...args: string[]) => mkimage(["report", "--import", "tuned.json", ...args], { cwd });
  const [several, csv, page, lacking] = await Promise.all([
    run(),
    run("--arch", "arm64", "--format", "csv"),
    run("--arch", "arm64", "--format", "html", "--output", join(cwd, "page.html")),
    mkimage(["report", "--import", "none.json", "--arch", "arm64"], { cwd }),
  ]);
  expect([several.exitCode, several.stderr]).toEqual([2, expect.stringContaining("--arch")]);
  expect(page.exitCode, page.stderr).toBe(0);
  expect([lacking.exitCode, lacking.stderr]).toEqual([2, expect.stringContaining("none.json")]);
  const [head = "", ...rows] = csv.stdout
    .trim()
    .split("\r\n")
    .map((row) => row.split(","));
  const tuned = rows.filter((row) => row.includes("power-tuning"));
  const column = (row: string[], name: string) => row[head.indexOf(name)];
  expect(
    tuned.map((row) => [column(row, "memory_mb"), column(row, "warm_p50_ms"), column(row, "warm_p95_ms")]),
  ).toEqual([
    ["512", "17.5", ""],
    ["1024", "9", ""],
  ]);
  expect(Number(column(tuned[0] as string[], "usd_per_million_requests"))).toBeCloseTo(0.4, 9);
});
