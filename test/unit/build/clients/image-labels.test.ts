import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { imageLabels } from "../../../../build/clients/image-labels.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const { signal } = new AbortController();

/** Has buildx print this of an image's config. */
async function shows(config: unknown): Promise<void> {
  const folder = await temporaryFolder({ "bin/docker": `#!/bin/sh\necho '${JSON.stringify(config)}'\n` });
  await chmod(join(folder, "bin/docker"), 0o755);
  vi.stubEnv("PATH", `${join(folder, "bin")}:${process.env["PATH"]}`);
}

test.each([
  [{ config: { Labels: { a: "1" } } }, { a: "1" }],
  [{ config: { Labels: null } }, {}],
  [{ config: null }, {}],
  [{}, {}],
  // What buildx prints of an index without images, and of a config that is none.
  [null, undefined],
  [{ config: { Labels: ["a"] } }, undefined],
])("of %j the labels are %j", async (config, labels) => {
  await shows(config);
  expect(await imageLabels("ghcr.io/team/embed@sha256:1", undefined, signal)).toEqual(labels);
});
