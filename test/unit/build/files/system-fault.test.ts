import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { systemFault } from "../../../../build/files/system-fault.ts";
import { temporaryFolder } from "../../../support/folder.ts";

test.each([
  { path: "missing/file", says: "no such file or directory" },
  { path: "folder", says: "illegal operation on a directory" },
  { path: "folder/file/below", says: "not a directory" },
])("$path: $says", async ({ path, says }) => {
  const folder = await temporaryFolder({ "folder/file": "" });
  const fault = await readFile(`${folder}/${path}`).catch((error) => error);
  expect(systemFault(fault)).toBe(says);
});

test("what is no fault of the system keeps its message", () => {
  expect(systemFault(new Error("too long"))).toBe("too long");
});
