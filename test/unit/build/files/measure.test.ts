import { createHash } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { measureFile } from "../../../../build/files/measure.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const sha256 = (content: string) => createHash("sha256").update(content).digest("hex");

test("a file is measured by its bytes", async () => {
  const folder = await temporaryFolder({ file: "héllo" });
  expect(await measureFile(join(folder, "file"))).toEqual({ size: 6, sha256: sha256("héllo") });
});
