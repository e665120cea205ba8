import { join } from "node:path";
import { expect, test } from "vitest";
import { installedSchema } from "../../../../build/files/installed-schema.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const SCHEMA = "models/spec.schema.json";

test("the path leads from the file's folder to the installed package", async () => {
  const project = await temporaryFolder({ [`node_modules/mkimage/${SCHEMA}`]: {} });
  expect(installedSchema(project, SCHEMA)).toEqual({ $schema: `./node_modules/mkimage/${SCHEMA}` });
  expect(installedSchema(project, SCHEMA, join(project, "models"))).toEqual({
    $schema: `../node_modules/mkimage/${SCHEMA}`,
  });
});

test("a project without the package has no such field", async () => {
  expect(installedSchema(await temporaryFolder({}), SCHEMA)).toEqual({});
});
