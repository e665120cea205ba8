import type Docker from "dockerode";
import { beforeEach, expect, test, vi } from "vitest";
import { withReadOnlyVolumes } from "../../../../build/smoke/read-only-volumes.ts";
import { temporaryFolder } from "../../../support/folder.ts";

beforeEach(async () => {
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
});

const SETTINGS = { Image: "sha256:1", HostConfig: { ReadonlyRootfs: true } };

/** Mounts of a function's container whose image declares these volumes, and how many containers were made for it. */
async function mountsOf(...paths: string[]) {
  let made = 0;
  let removed = 0;
  const container = {
    inspect: async () => ({
      Mounts: paths.map((Destination) => ({ Name: `of ${Destination}`, Destination })),
    }),
    remove: async () => void removed++,
  };
  const docker = {
    getImage: () => ({
      inspect: async () => ({ Config: { Volumes: Object.fromEntries(paths.map((path) => [path, {}])) } }),
    }),
    async createContainer() {
      made++;
      return container;
    },
  } as unknown as Docker;
  const settings = await withReadOnlyVolumes(docker, SETTINGS, async (given) => given);
  expect(removed).toBe(made);
  return { mounts: settings.HostConfig?.Mounts, made };
}

test("an image's volumes are mounted read-only, but for those in /tmp", async () => {
  const volume = { Type: "volume", Source: "of /data", Target: "/data", ReadOnly: true };
  expect(await mountsOf("/data", "/tmp", "/tmp/cache")).toEqual({ mounts: [volume], made: 1 });
});

test.each([[[]], [["/tmp"]]])("for an image with the volumes %j no container is made", async (paths) => {
  expect(await mountsOf(...paths)).toEqual({ mounts: undefined, made: 0 });
});
