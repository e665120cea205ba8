import { describe, expect, test } from "vitest";
import { seriesOf } from "../../../../build/bench/figures.ts";
import { priceOf, readPrices } from "../../../../build/bench/prices/prices.ts";
import { bestBatch, failingOf, recommend, type Wishes } from "../../../../build/bench/recommend.ts";
import type { Result } from "../../../../build/bench/results.ts";
import { parsePrecision, parseRate, parseShare, parseTime } from "../../../../build/bench/wishes.ts";
import { type MadeOptions, makeResults, resultLines } from "../../../support/bench-results.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { mkimage, mkimageJson } from "../../../support/mkimage.ts";

const prices = await readPrices("/nowhere");
const figuresOf = (results: readonly Result[]) =>
  seriesOf(results, { priceOf: (arch) => priceOf(prices, "us-east-1", arch) }).map(({ latest }) => latest);
const LOAD = { rate: 2, coldShare: 0.01 };
const choose = (wishes: Wishes, made: MadeOptions = {}) =>
  recommend(figuresOf(makeResults(made)), wishes, LOAD);

describe("the cheapest cell that keeps every wish", () => {
  test("is the cheapest of all where nothing is wished: compared with a search by hand", () => {
    const cells = figuresOf(makeResults());
    const byHand = cells.toSorted(
      (a, b) => (a.costs?.perMillion.value ?? 0) - (b.costs?.perMillion.value ?? 0),
    )[0];
    const { best, equal, dearer, rejected } = recommend(cells, {}, { rate: 1, coldShare: 0 });
    expect(best?.figures.key).toBe(byHand?.key);
    expect(rejected).toEqual([]);
    expect(1 + equal.length + dearer.length).toBe(cells.length);
  });

  test("keeps the accuracy, and each other one says its own", () => {
    const { best, rejected } = choose({ accuracy: 0.98 });
    expect(best?.figures.cell.quantization).toBe("int8");
    expect(new Set(rejected.map(({ figures }) => figures.cell.quantization))).toEqual(new Set(["int4"]));
    expect(rejected[0]?.failing).toMatchObject([{ wish: "accuracy", text: "cosine 0.951, wished 0.98" }]);
  });

  test("keeps a time with the upper end of its interval", () => {
    const [cell] = figuresOf(
      makeResults({ os: ["alpine"], arch: ["arm64"], quantization: ["int8"], memory: [1769] }),
    );
    const { value, high } = cell?.warm?.p95 ?? { value: 0, high: 0 };
    expect(high).toBeGreaterThan(value);
    const between = (value + high) / 2;
    expect(failingOf(cell as never, { p95: high })).toEqual([]);
    expect(failingOf(cell as never, { p95: between })[0]?.text).toMatch(/measure longer$/);
    expect(failingOf(cell as never, { p95: value * 0.9 })[0]?.text).toMatch(
      /^p95 .*\(.* to .*\), wished [\d.]+ ms$/,
    );
  });

  test("has an equal only where the whole month costs the same, cold starts too", () => {
    const [line] = makeResults({ os: ["alpine"], arch: ["arm64"], quantization: ["int8"], memory: [1769] });
    const slow = { ...line, cell: { ...line?.cell, os: "debian" }, cold: { total: [9000], steps: {} } };
    const both = figuresOf([line, slow] as Result[]);
    expect(recommend(both, {}, { rate: 1, coldShare: 0 }).equal).toHaveLength(1);
    expect(recommend(both, {}, { rate: 1, coldShare: 0.1 })).toMatchObject({
      equal: [],
      dearer: [{ figures: { cell: { os: "debian" } } }],
    });
  });

  test("is never a baseline, an emulated one, or one that has failed", () => {
    const { best, rejected } = choose({}, { baselines: ["python"], emulated: ["arm64"], memory: [1769] });
    expect(best?.figures.cell).toMatchObject({ arch: "amd64" });
    expect(best?.figures.cell.baseline).toBeUndefined();
    expect(rejected.every(({ figures }) => figures.emulated)).toBe(true);
    expect(rejected[0]?.failing[0]?.text).toContain("measure on a machine with arm64");
  });

  test("is none for an impossible wish, and the nearest comes first", () => {
    const { best, rejected } = choose({ p95: 0.5, accuracy: 0.98 });
    expect(best).toBeUndefined();
    const farthest = rejected.map(({ failing }) => Math.max(...failing.map(({ distance }) => distance)));
    expect(farthest).toEqual(farthest.toSorted((a, b) => a - b));
  });
});

test("a batch that is cheaper for each input is found, of the same cell alone", () => {
  const inputs = [1, 8].map((batch) => ({ tokens: 16, batch }));
  const cells = figuresOf(makeResults({ inputs }));
  const [cell] = cells.filter(({ input }) => input.batch === 1);
  const same = cells.find(
    ({ name, input, memoryMB }) => name === cell?.name && input.batch === 8 && memoryMB === cell.memoryMB,
  );
  expect(bestBatch(cell as never, cells)).toMatchObject({
    batch: 8,
    perMillionInputs: (same?.costs?.perMillion.value ?? 0) / 8,
  });
  expect(bestBatch(cell as never, [cell as never])).toBeUndefined();
});

test("rates, times and shares are read with their units; others are refused", () => {
  expect(parseRate("200000/day")).toBeCloseTo(2.3148, 4);
  expect(parseRate("730/month") * 3600).toBeCloseTo(1, 9);
  expect([parseTime("p95", "50ms"), parseTime("p95", "1.5s"), parseTime("p95", "20")]).toEqual([
    50, 1500, 20,
  ]);
  expect([parseShare("accuracy", "98%"), parseShare("accuracy", "0.98")]).toEqual([0.98, 0.98]);
  for (const text of ["", "200000", "0/day", "-1/s", "1/year"])
    expect(() => parseRate(text)).toThrow("--rate");
  for (const text of ["fast", "0ms", "-5ms", "5m"]) expect(() => parseTime("p95", text)).toThrow("--p95");
  for (const text of ["1.2", "120%", "x"]) expect(() => parseShare("accuracy", text)).toThrow("--accuracy");
});

describe("mkimage recommend", () => {
  const PROJECT = {
    "mkimage.json": {
      functions: { embed: { model: "minilm", memory: 1769, deploy: { os: "debian", arch: "amd64" } } },
    },
  };
  const projectOf = (made: MadeOptions = {}, files: Record<string, unknown> = PROJECT) =>
    temporaryFolder({ ...files, "bench/results.jsonl": resultLines(makeResults(made)) });

  test("names the cell, the saving, what the others fail with, and lines that mkimage.json takes", async () => {
    const cwd = await projectOf({ inputs: [1, 8].map((batch) => ({ tokens: 16, batch })) });
    const args = ["recommend", "--p95", "50ms", "--accuracy", "0.98", "--rate", "200000/day"];
    const { exitCode, stdout, stderr } = await mkimage(args, { cwd });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(
      /^\w+-\w+ int8 at \d+ MB: \$[\d.]+ per million \(\$[\d.]+ to \$[\d.]+\), p95 [\d.]+ ms/,
    );
    expect(stdout).toMatch(
      /Saves \$[\d.]+ of \$[\d.]+ a month \(\d+%\) against the present cell, debian-amd64 fp32 at 1769 MB, at 200,000 requests/,
    );
    expect(stdout).toMatch(/int4 at 1024 MB .*cosine 0.951, wished 0.98/);
    expect(stdout).toMatch(/8 inputs in one request cost \$[\d.]+ per million inputs: \d+% less/);
    const [, lines = ""] = /For mkimage.json:\n(\{.*\n\})/s.exec(stdout) ?? [];
    expect(JSON.parse(lines)).toMatchObject({ functions: { embed: { deploy: { quantization: "int8" } } } });
    const { best } = await mkimageJson<{ best: { figures: { name: string } } }>(args, { cwd });
    expect(stdout.startsWith(best.figures.name)).toBe(true);
  });

  test("says that a p95 of a few starts is worth little", async () => {
    const cwd = await projectOf();
    const { stdout } = await mkimage(["recommend", "--cold", "60s"], { cwd });
    expect(stdout).toContain("A p95 of 12 cold starts may be above its interval");
    const { stdout: warm } = await mkimage(["recommend", "--p95", "60s"], { cwd });
    expect(warm).not.toContain("above its interval");
  });

  test("ends with 1 for an impossible wish, and names the nearest cell", async () => {
    const cwd = await projectOf();
    const { exitCode, stderr, stdout } = await mkimage(["recommend", "--p95", "1ms"], { cwd });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/No cell keeps every wish\nNearest: \w+-\w+ int8 at \d+ MB: p95 /);
    expect(stdout).toContain("wished 1 ms");
  });

  test("says what to do without results, without times, and with several functions", async () => {
    const said = async (cwd: string, ...args: string[]) => {
      const { exitCode, stderr } = await mkimage(["recommend", ...args], { cwd });
      expect(exitCode).toBe(2);
      return stderr;
    };
    const two = resultLines([...makeResults({}), ...makeResults({ function: "rank" })]);
    const broken = `${resultLines(makeResults({ memory: [1024] })).split("\n")[0]}\n{"version":9}\n`;
    const results = (text: string) => temporaryFolder({ "bench/results.jsonl": text });
    const heard = await Promise.all([
      said(await temporaryFolder(PROJECT)),
      said(await results("\n")),
      said(await projectOf({ emulated: ["arm64", "amd64"] })),
      said(await projectOf({}), "--region", "xx-1"),
      said(await projectOf({}), "--os", "alpne"),
      said(await results(two)),
      said(await results(broken)),
    ]);
    const wanted = [
      "mkimage bench",
      "mkimage bench",
      "mkimage bench --arch",
      "mkimage prices update",
      'Did you mean "alpine"?',
      "--function: embed, rank",
      "results.jsonl:2 has version 9",
    ];
    for (const [index, words] of wanted.entries()) expect(heard[index]).toContain(words);
  });

  test("of results of both places those of Lambda count, in their region", async () => {
    const made: MadeOptions = { os: ["alpine"], arch: ["arm64"], memory: [1769] };
    const here = resultLines(makeResults(made));
    const there = resultLines(makeResults({ ...made, region: "eu-south-1" }));
    const cwd = await temporaryFolder({ "bench/results.jsonl": here + there });
    const [real, local, none] = await Promise.all([
      mkimage(["recommend"], { cwd }),
      mkimage(["recommend", "--target", "local"], { cwd }),
      mkimage(["recommend", "--target", "lambda", "--results", "here.jsonl"], {
        cwd: await temporaryFolder({ "here.jsonl": here }),
      }),
    ]);
    expect(real.stderr).toContain("those of Lambda count");
    expect(real.stdout).toContain("Prices of eu-south-1");
    expect(local.stdout).toMatch(/Measured on AMD EPYC 7R13 under Lambda's limits/);
    expect([none.exitCode, none.stderr]).toEqual([
      2,
      expect.stringContaining("No result was measured in Lambda"),
    ]);
  });

  test("files of several machines are one set of results; lines that are in both count once", async () => {
    const arm = resultLines(makeResults({ arch: ["arm64"], memory: [1769] }));
    const amd = resultLines(makeResults({ arch: ["amd64"], memory: [1769] }));
    const cwd = await temporaryFolder({ "arm.jsonl": arm, "amd.jsonl": amd + arm });
    const args = ["recommend", "--results", "arm.jsonl", "--results", "amd.jsonl"];
    const { best, equal, dearer } = await mkimageJson<{ best: object; equal: object[]; dearer: object[] }>(
      args,
      { cwd },
    );
    expect([best, ...equal, ...dearer]).toHaveLength(24);
  });
});

test("no interval has the width 0", () => {
  expect([parsePrecision("5%"), parsePrecision("0.05")]).toEqual([0.05, 0.05]);
  for (const text of ["0", "0%", "5"]) expect(() => parsePrecision(text)).toThrow("--precision");
});
