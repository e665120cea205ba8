import { expect, test, vi } from "vitest";
import { requirePacking } from "../../../../build/builder/packing.ts";
import { builderDriver } from "../../../../build/clients/buildx.ts";
import { imageStore } from "../../../../build/clients/docker.ts";
import { refusal } from "../../../support/refusal.ts";

vi.mock("../../../../build/clients/buildx.ts", () => ({ builderDriver: vi.fn() }));
vi.mock("../../../../build/clients/docker.ts", () => ({ connectDocker: vi.fn(), imageStore: vi.fn() }));

test.each([
  ["docker", "containerd"],
  ["docker-container", "classic"],
  ["remote", "containerd"],
  [undefined, "classic"],
] as const)("a builder of the kind %s beside a %s store packs images", async (driver, store) => {
  vi.mocked(builderDriver).mockResolvedValue(driver);
  vi.mocked(imageStore).mockResolvedValue(store);
  await requirePacking();
});

test("the builder inside an engine with a classic store does not: exit 3, with two ways out", async () => {
  vi.mocked(builderDriver).mockResolvedValue("docker");
  vi.mocked(imageStore).mockResolvedValue("classic");
  const error = await refusal(requirePacking);
  expect(error.exitCode).toBe(3);
  expect(error.hint).toContain("docker buildx create --use --driver docker-container");
  expect(error.hint).toContain("containerd image store");
});
