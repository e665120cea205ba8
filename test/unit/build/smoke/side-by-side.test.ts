import type Docker from "dockerode";
import { expect, test } from "vitest";
import type { Arch } from "../../../../build/catalog.ts";
import { runSideBySide, sideBySide } from "../../../../build/smoke/side-by-side.ts";

test.each([
  ["the processors", { NCPU: 4, MemTotal: 64 * 1024 ** 3 }, [1024, 2048], 4],
  [
    "the processors that come with the memory of the largest",
    { NCPU: 4, MemTotal: 64 * 1024 ** 3 },
    [512, 3600],
    2,
  ],
  ["the memory that the largest needs", { NCPU: 16, MemTotal: 16 * 1024 ** 3 }, [512, 4096], 3],
  ["one, however little there is", { NCPU: 8, MemTotal: 1024 ** 3 }, [10_240], 1],
])("as many images are tested at once as %s allow", async (_, info, sizes, expected) => {
  const docker = { info: async () => info } as unknown as Docker;
  expect(
    await sideBySide(
      docker,
      sizes.map((memory) => ({ memory })),
    ),
  ).toBe(expected);
});

const ENGINE = { Architecture: "x86_64", NCPU: 2, MemTotal: 64 * 1024 ** 3 };

test("images of the machine's own architecture run side by side, and before emulated ones", async () => {
  const images = (["arm64", "amd64", "arm64", "amd64", "amd64"] as Arch[]).map((arch) => ({
    arch,
    memory: 512,
  }));
  const order: string[] = [];
  let [running, most] = [0, 0];
  const run = async (_: object, index: number) => {
    most = Math.max(most, ++running);
    order.push(`${images[index]?.arch} ${index}`);
    await new Promise(setImmediate);
    running--;
  };
  const docker = { info: async () => ENGINE } as unknown as Docker;
  await runSideBySide(images, run, { docker, signal: new AbortController().signal });
  expect(order).toEqual(["amd64 1", "amd64 3", "amd64 4", "arm64 0", "arm64 2"]);
  expect(most).toBe(2);
});

test.each(["Ctrl-C", "an error"])(
  "after %s nothing begins, and what runs is waited for: it has to clean up",
  async (end) => {
    const images = Array.from({ length: 5 }, () => ({ arch: "amd64" as Arch, memory: 512 }));
    const controller = new AbortController();
    const docker = { info: async () => ENGINE } as unknown as Docker;
    const [begun, ended]: number[][] = [[], []];
    const run = async (_: object, index: number) => {
      begun?.push(index);
      await new Promise(setImmediate);
      if (end === "Ctrl-C" && index === 0) controller.abort(new Error(end));
      if (index === 0) throw new Error(end);
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      ended?.push(index);
    };
    await expect(runSideBySide(images, run, { docker, signal: controller.signal })).rejects.toThrow(end);
    expect([begun, ended]).toEqual([[0, 1], [1]]);
  },
);
