import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Cell, openDoor } from "../../build/up/door.ts";
import { renderPage } from "../../build/up/page.ts";
import type { PageFunction } from "../../build/up/page-data.ts";
import { withPage } from "../support/browser.ts";
import { containersOf, eventually } from "../support/engine.ts";
import { temporaryFolder } from "../support/folder.ts";
import { startMkimage } from "../support/mkimage.ts";
import { MODEL, makeProject, type Project } from "../support/project.ts";

/** A picture of one pixel. */
const DOT = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

const ASK = { method: "POST", headers: { "content-type": "application/json" } };

const ask = async (url: string, request: unknown): Promise<unknown> =>
  (await fetch(url, { ...ASK, body: JSON.stringify(request) })).json();

/** Starts `mkimage up`, and waits until it has told so many addresses. */
async function up(project: Project, count: number, args: readonly string[]) {
  const run = startMkimage(["up", ...args], { cwd: project.folder });
  onTestFinished(async () => {
    run.kill("SIGINT");
    await run;
  });
  const said: string[] = [];
  createInterface({ input: run.stderr as Readable }).on("line", (line) => said.push(line));
  const urls: Record<string, string> = {};
  for await (const line of createInterface({ input: run.stdout as Readable })) {
    const [name = "", url = ""] = line.split(" ");
    urls[name] = url;
    if (Object.keys(urls).length === count) break;
  }
  expect(Object.keys(urls), said.join("\n")).toHaveLength(count);
  return { run, said, urls };
}

describe("images that answer", () => {
  let project: Project;
  beforeAll(async () => {
    project = await makeProject();
  });
  afterAll(() => project?.remove());

  test("are built where they are missing, answer HTTP and a page, and end with Ctrl-C without a trace", async () => {
    const { run, said, urls } = await up(project, 2, ["--os", "debian"]);
    const url = urls["debian-amd64"] as string;
    expect(await ask(url, { inputs: "hello world" })).toHaveLength(384);
    const health = await fetch(`${url}/health`);
    expect(health.headers.get("x-mkimage-milliseconds")).toMatch(/^\d+\.\d$/);
    expect(await health.json()).toMatchObject({ status: "ok", models: [{ name: MODEL }] });
    const wrong = await fetch(url, { ...ASK, body: "{}" });
    expect([wrong.status, await wrong.json()]).toMatchObject([400, { error: expect.any(String) }]);
    await eventually(async () => said.find((line) => /^debian-amd64 \| .*REPORT RequestId/.test(line)));
    expect(said).toContain(`curl ${url}/ -H 'content-type: application/json' -d '{"inputs":"hello world"}'`);

    await withPage(url, async (page, asked) => {
      await page.locator("#text").fill("A man is eating food.");
      await page.locator("button").click();
      await page.waitForFunction("document.querySelectorAll('.good').length === 2", { timeout: 120_000 });
      const cards = await page.$$eval("article", (all) =>
        all.map((each) => (each as unknown as { innerText: string }).innerText),
      );
      for (const [index, name] of ["debian-arm64", "debian-amd64"].entries()) {
        expect(cards[index]).toMatch(new RegExp(`^${name}`));
        expect(cards[index]).toMatch(/200 · [\d.]+ ms · [\d.]+ kB/);
        expect(cards[index]).toContain(`curl ${urls[name]}/ -H`);
        expect(cards[index]).toContain('"inputs":"A man is eating food."');
        expect(cards[index]).toMatch(/\[\s*-0\.0\d/);
      }
      expect(asked.filter((each) => !each.startsWith(url) && !each.startsWith("data:"))).toEqual([]);
    });

    process.kill(-(run.pid as number), "SIGINT");
    expect((await run).exitCode, said.join("\n")).toBe(0);
    expect(await containersOf(project.function)).toEqual([]);
    await expect(fetch(url)).rejects.toThrow();
  });

  test("--watch: a changed handler answers at the same address, and one that cannot be built leaves what ran", async () => {
    const handler = join(project.folder, "handler.ts");
    const write = (answer: string) =>
      writeFile(handler, `export default async () => ({ answer: ${answer} });\n`);
    await write('"first"');
    const { said, urls } = await up(project, 1, ["--os", "debian", "--arch", "amd64", "--watch"]);
    const url = urls["debian-amd64"] as string;
    const answers = async (wanted: string) => {
      const reply = await ask(url, {}).catch(() => undefined);
      return JSON.stringify(reply ?? "").includes(wanted) || undefined;
    };
    expect(await answers("first")).toBe(true);
    await write("{");
    await eventually(async () => said.find((line) => line.startsWith("What ran before goes on")), 120);
    expect(said.join("\n")).toContain("handler.ts:1:");
    expect(await answers("first")).toBe(true);
    await write('"second"');
    await eventually(() => answers("second"), 120);
  });
});

describe("the page", () => {
  /** Doors before a function that answers with the request's body. */
  async function echo(functions: Omit<PageFunction, "cells">[]) {
    const asked: unknown[] = [];
    const cell: Cell = {
      name: "debian-amd64",
      invoke: async (event) => {
        asked.push(JSON.parse(JSON.parse(event).body));
        return { body: '{"statusCode":200,"headers":{},"body":"[0.5]"}', milliseconds: 1 };
      },
    };
    const cells = [{ name: cell.name, url: "http://127.0.0.1:1/", emulated: false }];
    const page = () => renderPage(functions.map((each) => ({ ...each, cells })));
    const door = await openDoor(cell, { cells: [cell], port: 0, page });
    onTestFinished(() => door.close());
    return { url: door.url, asked };
  }
  const ANSWERED = "document.querySelectorAll('.good').length === 1";

  test("has a field for a question and one for the context, and the parameters", async () => {
    const request = { inputs: { question: "Who?", context: "Ada wrote it." } };
    const { url, asked } = await echo([
      { name: "qa", models: [{ name: "m", task: "question-answering", reads: "questions", request }] },
    ]);
    await withPage(url, async (page) => {
      await page.locator("#context").fill("Grace wrote it.");
      await page.locator("#parameters").fill('{"top_k": 2}');
      await page.locator("button").click();
      await page.waitForFunction(ANSWERED);
      expect(asked).toEqual([
        { inputs: { question: "Who?", context: "Grace wrote it." }, parameters: { top_k: 2 } },
      ]);
      await page.locator("#parameters").fill("{");
      await page.locator("button").click();
      await page.waitForFunction("document.getElementById('problem').textContent !== ''");
      expect(asked).toHaveLength(1);
    });
  });

  test("sends a picture as it is", async () => {
    const folder = await temporaryFolder();
    const picture = join(folder, "dot.png");
    await writeFile(picture, DOT);
    const { url, asked } = await echo([
      {
        name: "see",
        models: [{ name: "m", task: "image-classification", reads: "images", request: { inputs: "" } }],
      },
    ]);
    await withPage(url, async (page) => {
      const input = await page.waitForSelector("input[type=file]");
      await (input as unknown as { uploadFile(path: string): Promise<void> }).uploadFile(picture);
      await page.waitForFunction("document.getElementById('preview').naturalWidth > 0");
      await page.locator("button").click();
      await page.waitForFunction(ANSWERED);
    });
    expect(asked).toEqual([{ inputs: DOT.toString("base64") }]);
  });

  test("asks another model by its name, and compares sentences", async () => {
    const sentences = { source_sentence: "a", sentences: ["b", "c"] };
    const models = [
      { name: "m", task: "feature-extraction", reads: "texts", request: { inputs: "hello" } },
      {
        name: "n",
        task: "sentence-similarity",
        reads: "sentences",
        request: { model: "n", inputs: sentences },
      },
    ] as const;
    const { url, asked } = await echo([{ name: "both", models }]);
    await withPage(url, async (page) => {
      await page.select("#model", "n");
      await page.locator("button").click();
      await page.waitForFunction(ANSWERED);
    });
    expect(asked).toEqual([{ model: "n", inputs: sentences }]);
  });
});
