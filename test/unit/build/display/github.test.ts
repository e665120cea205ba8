import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addSummary, annotation } from "../../../../build/display/github.ts";
import { temporaryFolder } from "../../../support/folder.ts";

test("an annotation is one line, with what GitHub reads as a command escaped", () => {
  expect(annotation("100% wrong:\r\n::error::x")).toBe(
    "::error title=mkimage::100%25 wrong:%0D%0A::error::x",
  );
});

test("a table is added to the job's summary in Markdown, and to none outside of a job", async () => {
  const path = join(await temporaryFolder({ "summary.md": "before\n" }), "summary.md");
  const rows = [
    ["image", "gate"],
    ["a|b", "≥ 0.9"],
  ];
  addSummary("Built", rows, { GITHUB_STEP_SUMMARY: path });
  expect(await readFile(path, "utf8")).toBe("before\n");
  addSummary("Built", rows, { GITHUB_STEP_SUMMARY: path, GITHUB_ACTIONS: "true" });
  expect(await readFile(path, "utf8")).toBe(
    "before\n### Built\n\n| image | gate |\n| --- | --- |\n| a\\|b | ≥ 0.9 |\n\n",
  );
});
