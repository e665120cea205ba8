import { join } from "node:path";
import { expect, test } from "vitest";
import { refusePointer } from "../../../../build/files/git-lfs.ts";
import { parseJson } from "../../../../build/files/json.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 90405214\n`;

test("a pointer in place of a file is refused as one, with what to do", async () => {
  const folder = await temporaryFolder({ "model.onnx": POINTER });
  expect(await refusal(() => refusePointer(join(folder, "model.onnx"), "model.onnx of x"))).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining("model.onnx of x is a Git LFS pointer"),
    hint: expect.stringContaining("git lfs pull"),
  });
  expect(await refusal(() => parseJson(POINTER, "spec.json"))).toMatchObject({
    message: expect.stringContaining("spec.json is a Git LFS pointer"),
  });
});

test.each([
  ["another text", "version 1\n"],
  ["nothing", ""],
  ["a file that is too long for a pointer", POINTER.padEnd(1024, "x\n")],
])("%s is none", async (_, text) => {
  const folder = await temporaryFolder({ file: text });
  await refusePointer(join(folder, "file"), "file");
});
