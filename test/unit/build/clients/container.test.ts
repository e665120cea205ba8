import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { beforeEach, expect, test, vi } from "vitest";
import { withContainer } from "../../../../build/clients/container.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { temporaryFolder } from "../../../support/folder.ts";

let cache: string;
beforeEach(async () => {
  cache = await temporaryFolder();
  vi.stubEnv("MKIMAGE_CACHE", cache);
});

test("a container that cannot be removed stays in the record, for the next run; one that can, or was never made, does not", async () => {
  const { docker } = fakeEngine();
  const records = () => readdir(join(cache, "runs")).catch(() => []);
  const refusing = { createContainer: () => Promise.reject(new Error("no such image")) } as unknown as Docker;
  await expect(withContainer(refusing, {}, async () => {})).rejects.toThrow("no such image");
  expect(await records()).toEqual([]);
  await withContainer(docker, {}, async () => expect(await records()).toHaveLength(1));
  expect(await records()).toEqual([]);
  const broken = withContainer(docker, {}, async (container) => {
    container.remove = () =>
      Promise.reject(Object.assign(new Error("did not receive an exit event"), { statusCode: 500 }));
  });
  await expect(broken).rejects.toThrow("exit event");
  expect(await records()).toHaveLength(1);
});
