import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { priceOf, readPrices } from "../../../../build/bench/prices/prices.ts";
import type { Arch } from "../../../../build/catalog.ts";
import { toCsv, toMarkdown } from "../../../../build/report/formats.ts";
import { toPowerTuning } from "../../../../build/report/power-tuning.ts";
import { type MadeOptions, makeResults, resultLines } from "../../../support/bench-results.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { mkimage } from "../../../support/mkimage.ts";
import { seriesFrom } from "../../../support/report.ts";

const figuresOf = (made: MadeOptions) => seriesFrom(makeResults(made)).map(({ latest }) => latest);
const prices = await readPrices("/nowhere");
const price = (arch: Arch) => priceOf(prices, "us-east-1", arch);
const ONE = { os: ["alpine"], arch: ["arm64"], quantization: ["int8"] } as const;

test("CSV has a line for each cell with plain numbers, and quotes where it has to", () => {
  const [cell] = figuresOf({ ...ONE, memory: [1024] });
  const failed = { ...cell, fault: 'it said "no", twice' } as never;
  const [head = "", first = "", second = ""] = toCsv([cell as never, failed]).split("\r\n");
  expect(first.split(",")).toHaveLength(head.split(",").length);
  const value = (name: string) => first.split(",")[head.split(",").indexOf(name)];
  expect(Number(value("warm_p95_ms"))).toBeCloseTo(cell?.warm?.p95?.value ?? 0, 6);
  expect(value("arch")).toBe("arm64");
  expect(second).toContain('"it said ""no"", twice"');
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])(
  "a fault that a spreadsheet takes for a formula, %j, is a text in CSV",
  (fault) => {
    const [cell] = figuresOf({ ...ONE, memory: [1024] });
    expect(toCsv([{ ...cell, fault } as never])).toContain(`,'${fault},`);
  },
);

test("Markdown has the short answer and a row for each cell; an emulated one has no times", () => {
  const lines = toMarkdown(figuresOf({ memory: [1769], emulated: ["arm64"] }))
    .trim()
    .split("\n");
  expect(lines[0]).toMatch(/^\*\*\w+-amd64 int8 at 1769 MB: \$[\d.]+ per million, p95 [\d.]+ ms\*\*$/);
  expect(lines).toHaveLength(2 + 2 + 24);
  expect(new Set(lines.slice(2).map((line) => line.split("|").length)).size).toBe(1);
  expect(lines.find((line) => line.includes("alpine-arm64 int8"))).toMatch(
    /\(emulated\) \| 1769 MB \| 16 tokens \| {2}\| {2}\| {2}\| \d+ MB/,
  );
});

test("names of a file that came from anybody are text in Markdown", () => {
  const [cell] = figuresOf(ONE);
  const name = "a|b <img src=x> [x](y) `c` \\\\|";
  const text = toMarkdown([{ ...cell, name } as never]);
  expect(text).toContain("| a\\|b \\<img src=x\\> \\[x\\](y) \\`c\\` \\\\\\\\\\| |");
  expect(text).not.toMatch(/[^\\]<img/);
});

describe("the format of aws-lambda-power-tuning", () => {
  test("has the cheapest memory as its answer, and all of them in the address of its picture", () => {
    const figures = figuresOf({ ...ONE, memory: [1769, 512, 1024] });
    const { power, cost, duration, stats, stateMachine } = toPowerTuning(figures, price);
    const best = figures.toSorted(
      (a, b) => (a.costs?.perMillion.value ?? 0) - (b.costs?.perMillion.value ?? 0),
    )[0];
    expect({ power, duration }).toEqual({ power: best?.memoryMB, duration: best?.warm?.p50.value });
    // Without the request fee of $0.20 per million, which the other tool leaves out.
    expect(cost * 1e6 + 0.2).toBeCloseTo(best?.costs?.perMillion.value ?? 0, 9);
    expect(stats.map(({ value }) => value)).toEqual([512, 1024, 1769]);
    const [sizes = "", times = ""] = stateMachine.visualization.split("#")[1]?.split(";") ?? [];
    const bytes = (text: string) => new Uint8Array(Buffer.from(text, "base64")).buffer;
    expect([...new Int16Array(bytes(sizes))]).toEqual([512, 1024, 1769]);
    expect([...new Float32Array(bytes(times))].map((time) => time.toFixed(3))).toEqual(
      stats.map(({ averageDuration }) => averageDuration.toFixed(3)),
    );
  });

  test("is of one cell: several are refused, and one without times", () => {
    expect(() => toPowerTuning(figuresOf({ memory: [1024] }), price)).toThrow("has one cell");
    expect(() => toPowerTuning(figuresOf({ ...ONE, emulated: ["arm64"] }), price)).toThrow("no times");
  });
});

test("mkimage report writes each format to stdout or a file, and refuses what makes no sense", async () => {
  const cwd = await temporaryFolder({
    "bench/results.jsonl": resultLines([
      ...makeResults({ memory: [1024] }),
      ...makeResults({ ...ONE, function: "rank" }),
    ]),
  });
  const run = (...args: string[]) => mkimage(["report", ...args], { cwd });
  const [json, several, page, open] = await Promise.all([
    run("--json"),
    run(),
    run("--function", "rank", "--output", "out/page.html"),
    run("--format", "csv", "--open"),
  ]);
  expect(JSON.parse(json.stdout)).toMatchObject({ region: "us-east-1", cells: expect.any(Array) });
  expect([several.exitCode, several.stderr]).toEqual([2, expect.stringContaining("--function: embed, rank")]);
  expect(page).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/out\/page.html$/) });
  expect(open.exitCode).toBe(2);
});

test("--open gives the page to the desktop's program, and says where it is when there is none", async () => {
  const cwd = await temporaryFolder({ "bench/results.jsonl": resultLines(makeResults(ONE)) });
  const name = process.platform === "darwin" ? "open" : "xdg-open";
  const desktop = await temporaryFolder({ [name]: '#!/bin/sh\necho "$1" > "$(dirname "$0")/opened"\n' });
  await chmod(join(desktop, name), 0o755);
  const run = (path: string) => mkimage(["report", "--open"], { cwd, env: { PATH: path } });
  const [opened, none] = await Promise.all([run(`${desktop}:/usr/bin:/bin`), run(await temporaryFolder())]);
  expect((await readFile(join(desktop, "opened"), "utf8")).trim()).toBe(opened.stdout);
  expect(none).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining(`open ${none.stdout} in a browser`),
  });
});
