import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkAppendable } from "../../../../build/bench/turns.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

test("a file of results that cannot be written is told before anything is measured, and none is made", async () => {
  const folder = await temporaryFolder({ file: "" });
  await checkAppendable(join(folder, "file"));
  await checkAppendable(join(folder, "new.jsonl"));
  expect(await readdir(folder)).toEqual(["file"]);
  const error = await refusal(() => checkAppendable(join(folder, "file/results.jsonl")));
  expect(error).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining("Cannot write"),
    hint: "Name another file with --results.",
  });
});
