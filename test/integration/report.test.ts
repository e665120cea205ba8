import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { Page } from "puppeteer-core";
import { beforeAll, describe, expect, test } from "vitest";
import { makeResults } from "../support/bench-results.ts";
import { withPage } from "../support/browser.ts";
import { temporaryFolder } from "../support/folder.ts";
import { pageOf } from "../support/report.ts";

const shown = (page: Page, selector: string) =>
  page.$$eval(
    selector,
    (all) =>
      all.filter((each) =>
        (each as unknown as { checkVisibility(how: object): boolean }).checkVisibility({
          visibilityProperty: true,
        }),
      ).length,
  );

/** Texts of cells of the heat tables that do not stand below the head of their format. */
const underWrongHeads = (page: Page) =>
  page.evaluate(`[...document.querySelectorAll("#heat tbody td")].flatMap((cell) => {
    const head = cell.closest("table").tHead.rows[1].cells[cell.cellIndex].getBoundingClientRect();
    const box = cell.getBoundingClientRect();
    return Math.abs(box.left + box.right - head.left - head.right) < 2 ? [] : [cell.textContent];
  })`);

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe-core finds that is serious. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate("axe.run().then(({ violations }) => violations)")) as Violation[];
  return found
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map(({ html }) => html.slice(0, 160))
          .join(" ")}`,
    );
}

describe("the page of a report in a browser", () => {
  let text: string;
  beforeAll(() => {
    text = pageOf(makeResults({ baselines: ["python"], runs: 2, emulated: [] }));
  });

  async function withReport(use: (page: Page, asked: readonly string[]) => Promise<void>): Promise<void> {
    const file = join(await temporaryFolder(), "report.html");
    await writeFile(file, text);
    await withPage(pathToFileURL(file).href, use);
  }

  test("asks for nothing, says nothing on the console, and its filters and heads work by keyboard", async () => {
    await withReport(async (page, asked) => {
      const said: string[] = [];
      page.on("console", (message) => said.push(message.text()));
      page.on("pageerror", (error) => said.push(String(error)));
      await page.reload();
      expect(asked.filter((each) => !each.startsWith("file:") && !each.startsWith("data:"))).toEqual([]);

      const rows = "#cells tbody tr";
      const dots = "#cost svg.plot path[data-k]";
      expect(await shown(page, rows)).toBe(52);
      expect(await shown(page, dots)).toBe(52);
      await page.focus("input[name=format][value=int4]");
      await page.keyboard.press("Space");
      expect(await shown(page, rows)).toBe(52 - 16);
      expect(await shown(page, dots)).toBe(52 - 16);
      expect(await page.$eval("#count", ({ textContent }) => textContent)).toBe("36 of 52 cells");
      await page.locator("input[name=architecture][value=arm64]").click();
      // Baselines are of an architecture, and of no format.
      expect(await shown(page, rows)).toBe(18);
      expect(await shown(page, "#heat td[data-k]")).toBe(16);
      expect(await underWrongHeads(page)).toEqual([]);
      await page.focus("#reset");
      await page.keyboard.press("Enter");
      expect(await shown(page, rows)).toBe(52);

      const column = () =>
        page.$$eval("#cells tbody tr td:nth-child(6)", (all) =>
          all.map(({ textContent }) => Number(textContent)),
        );
      await page.focus("#cells thead th:nth-child(6) button");
      await page.keyboard.press("Enter");
      const up = await column();
      expect(up).toEqual(up.toSorted((a, b) => a - b));
      await page.keyboard.press("Enter");
      expect(await column()).toEqual(up.toSorted((a, b) => b - a));
      expect(said).toEqual([]);
    });
  });

  test.each(["light", "dark"])("is readable on a %s page: axe-core finds nothing serious", async (value) => {
    await withReport(async (page) => {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
      await page.$$eval("details", (all) => {
        for (const each of all) each.setAttribute("open", "");
      });
      expect(await faultsOf(page)).toEqual([]);
    });
  });

  test("fits a narrow screen, and prints with every table", async () => {
    await withReport(async (page) => {
      await page.setViewport({ width: 360, height: 800 });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
      const file = join(await temporaryFolder(), "page.pdf");
      await page.pdf({ path: file, format: "A4" });
      expect((await readFile(file)).subarray(0, 5).toString()).toBe("%PDF-");
      expect(await shown(page, "#cost details tbody tr")).toBe(52);
    });
  });
});
