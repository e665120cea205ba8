import fc from "fast-check";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import type { Result } from "../../../../build/bench/results.ts";
import { toCsv, toMarkdown } from "../../../../build/report/formats.ts";
import { makeResults } from "../../../support/bench-results.ts";
import { pageOf, seriesFrom } from "../../../support/report.ts";

const open = (results: readonly Result[]) => parseHTML(pageOf(results)).document;
const FULL = { memory: [1024, 1769], baselines: ["python"], runs: 2 };

/** Numbers of a table's column, by its head. */
function column(table: ReturnType<typeof open>["body"], head: string): string[] {
  const heads = [...table.querySelectorAll("thead th")].map((each) => each.textContent?.trim());
  const place = heads.indexOf(head);
  return [...table.querySelectorAll("tbody tr")].map((row) => row.children[place]?.textContent ?? "");
}

describe("a page", () => {
  const page = open(makeResults(FULL));

  test("begins with a short answer that its table has as the cheapest cell", () => {
    const [, name, price] = /^(\S+ \S+) at \d+ MB: \$([\d.]+) per million, p95 [\d.]+ ms$/.exec(
      page.querySelector("h1")?.textContent ?? "",
    ) as unknown as string[];
    const cells = page.querySelector("#cells table") as ReturnType<typeof open>["body"];
    const prices = column(cells, "$/M requests").map(Number);
    expect(Math.min(...prices)).toBeCloseTo(Number(price), 2);
    expect(column(cells, "cell")[prices.indexOf(Math.min(...prices))]).toBe(name);
    expect(prices).toHaveLength(2 * (4 * 2 * 3 + 2));
  });

  test("has each picture with a label, units, a legend and the same figures as a table", () => {
    const sections = [...page.querySelectorAll(".charts > section")];
    expect(sections.map(({ id }) => id)).toEqual([
      "cold-start",
      "cost",
      "memory",
      "accuracy",
      "history",
      "break-even",
    ]);
    for (const section of sections) {
      expect(section.querySelector("svg.plot")?.getAttribute("aria-label")).toBeTruthy();
      expect(section.querySelectorAll(".keys li").length).toBeGreaterThan(0);
      expect(section.querySelectorAll("details tbody tr").length).toBeGreaterThan(1);
      expect(section.querySelector("svg.plot")?.textContent).toMatch(/ms|MB|\$/);
    }
  });

  test("draws as many dots, bars and lines as there are figures, each known to the filters", () => {
    const drawn = (id: string, what: string) =>
      page.querySelectorAll(`#${id} svg.plot ${what}[data-k]`).length;
    // 24 cells and 2 baselines, of two sizes; the baselines have no system.
    expect(drawn("cost", "path")).toBe(52);
    expect(drawn("memory", "path")).toBe(52 + 26);
    expect(drawn("accuracy", "path")).toBe(24);
    expect(drawn("cold-start", "text")).toBe(26);
    const facets = [...page.querySelectorAll("#facets li")];
    const places = [...page.querySelectorAll("[data-k]")].map((each) => Number(each.getAttribute("data-k")));
    expect(places.every((place) => place < facets.length)).toBe(true);
  });

  test("rounds places in a picture, and no figure that it says", () => {
    const titles = [...page.querySelectorAll("#accuracy svg.plot title")].map(
      ({ textContent }) => textContent,
    );
    expect(titles).toContainEqual(expect.stringMatching(/alpine-arm64 int8: cosine 0.988, \d+ MB packed/));
    const places = [...page.querySelectorAll("svg.plot [d]")].map((each) => each.getAttribute("d"));
    expect(places.filter((each) => /\.\d{3}/.test(each ?? ""))).toEqual([]);
  });

  test("marks the fastest cell of a table of systems and architectures", () => {
    for (const table of page.querySelectorAll(".heat table")) {
      const times = [...table.querySelectorAll("td[data-k]")].map((each) =>
        Number.parseFloat(each.textContent ?? ""),
      );
      expect(times).toHaveLength(24);
      const best = [...table.querySelectorAll("td.best")];
      expect(best.map((each) => Number.parseFloat(each.textContent ?? ""))).toEqual([Math.min(...times)]);
    }
  });

  test("loads nothing from anywhere", () => {
    const text = pageOf(makeResults(FULL));
    const addresses = [...text.matchAll(/(?:src|href|url\(|@import)\s*=?\s*"?([^"\s>)]+)/g)].map(
      ([, to]) => to,
    );
    expect(addresses.filter((to) => !to?.startsWith("#") && to !== "data:,")).toEqual([]);
  });
});

test("an emulated architecture has sizes and no times, and the page says how to get them", () => {
  const page = open(makeResults({ emulated: ["arm64"], memory: [1769] }));
  expect(page.querySelector(".notice")?.textContent).toContain("mkimage bench --arch arm64");
  expect(page.querySelectorAll(".heat td.none")).toHaveLength(12);
  expect(page.querySelector(".heat td.none")?.textContent).toMatch(/^emulated\d+ MB$/);
  expect(page.querySelectorAll("#accuracy svg.plot path[data-k]")).toHaveLength(24);
  expect(page.querySelectorAll("#cost svg.plot path[data-k]")).toHaveLength(12);
});

test("only emulated, only failed, and one cell alone are pages too", () => {
  const emulated = open(makeResults({ emulated: ["arm64", "amd64"], memory: [1769] }));
  expect(emulated.querySelector("h1")?.textContent).toBe("No times were measured");
  const [line] = makeResults({ memory: [1769] }) as [Result];
  const failed = open([{ ...line, status: "failed", fault: "exit 137 <OOM>" }]);
  expect(failed.querySelector(".notice")?.textContent).toContain("failed: exit 137 <OOM>");
  const alone = open([line]);
  expect(alone.querySelectorAll(".charts > section")).toHaveLength(4);
});

test("no text of the results is markup", () => {
  const [line] = makeResults({ memory: [1769] }) as [Result];
  const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`;
  const cell = { ...line.cell, function: evil, os: evil, quantization: evil, model: evil };
  const text = pageOf([
    { ...line, cell },
    { ...line, cell: { ...cell, baseline: evil } },
  ]);
  expect(text.match(/<script/g)).toHaveLength(1);
  expect(text).not.toContain("<img");
});

test("360 cells with four runs stay below 500 kB", () => {
  const inputs = [
    { tokens: 16, batch: 1 },
    { tokens: 16, batch: 8 },
    { tokens: 128, batch: 1 },
  ];
  const many = makeResults({
    memory: [512, 1024, 1769, 3008],
    baselines: ["transformers.js", "python", "session"],
    inputs,
    runs: 4,
    samples: 20,
  });
  expect(many).toHaveLength(1440);
  expect(Buffer.byteLength(pageOf(many))).toBeLessThan(500_000);
});

/** A result of which some parts were not measured, or came to nothing. */
function lacking(result: Result, gone: ReadonlySet<string>): Result {
  const { cold, warm, sizes, accuracy, peakMemoryMB, ...rest } = result;
  return {
    ...rest,
    ...(cold && !gone.has("cold") && { cold: gone.has("steps") ? { ...cold, steps: {} } : cold }),
    ...(warm && !gone.has("warm") && { warm: gone.has("samples") ? { ...warm, samples: [] } : warm }),
    ...(warm && gone.has("time") && { warm: { ...warm, samples: [0] } }),
    ...(sizes && !gone.has("sizes") && { sizes }),
    ...(accuracy && !gone.has("accuracy") && { accuracy }),
    ...(peakMemoryMB !== undefined && !gone.has("peak") && { peakMemoryMB }),
    ...(gone.has("answer") && { status: "failed" as const }),
  };
}

test("whatever was not measured, every form of a report says only what is known", () => {
  const parts = ["cold", "steps", "warm", "samples", "time", "sizes", "accuracy", "peak", "answer"];
  const made = makeResults({
    memory: [512, 1769],
    quantization: ["fp32", "int8"],
    os: ["debian", "alpine"],
    baselines: ["python"],
    emulated: ["arm64"],
    samples: 5,
    runs: 2,
  });
  const gone = fc.array(fc.subarray(parts, { maxLength: 3 }), {
    minLength: made.length,
    maxLength: made.length,
  });
  fc.assert(
    fc.property(gone, fc.subarray(made, { minLength: 1 }), (all, kept) => {
      const results = kept.map((result) => lacking(result, new Set(all[made.indexOf(result)])));
      const figures = seriesFrom(results).map(({ latest }) => latest);
      const texts = [pageOf(results).replace(/<script>.*/s, ""), toCsv(figures), toMarkdown(figures)];
      for (const text of texts) expect(text).not.toMatch(/NaN|undefined|Infinity|\[object/);
    }),
    { numRuns: 25 },
  );
});

test("a long history is thinned until the page is no larger than 500 kB, which the page says", () => {
  const long = pageOf(makeResults({ runs: 60, memory: [512, 1024, 1769, 3008, 5307, 10240], samples: 10 }));
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(500_000);
  expect(long).toMatch(/the newest (?:15|8|4|2) of 60: a page has room for no more/);
  const short = pageOf(makeResults({ runs: 3, memory: [1024], samples: 10 }));
  expect(short).not.toContain("a page has room");
});
