import { beforeEach, expect, test, vi } from "vitest";
import type { Packed } from "../../../../build/builder/built.ts";
import { connectDocker } from "../../../../build/clients/docker.ts";
import { buildToStore } from "../../../../build/engine/store.ts";
import { ensureTested } from "../../../../build/smoke/ensure-tested.ts";
import { type FakeImage, fakeEngine } from "../../../support/fake-engine.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { imageOf } from "../../../support/plan-facts.ts";
import { refusal } from "../../../support/refusal.ts";

vi.mock("../../../../build/engine/store.ts", () => ({ buildToStore: vi.fn() }));
vi.mock(import("../../../../build/clients/docker.ts"), async (original) => ({
  ...(await original()),
  connectDocker: vi.fn(),
}));

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const OPTIONS = { signal: new AbortController().signal, secrets: [] };

/** Images of the engine's store, and how often a function in it has been asked. */
let images: Record<string, FakeImage>;
const answer = vi.fn((stdin: string) => {
  const reply = { status: 200, body: "[0.6,0.8]", milliseconds: 1 };
  return { exitCode: 0, stdout: JSON.stringify(JSON.parse(stdin).map(() => reply)) };
});

const packed = async (os: "debian" | "alpine" = "debian"): Promise<Packed> => {
  const image = await imageOf(undefined, {}, { flags: { os: [os], arch: ["amd64"] } });
  return {
    ...image,
    configDigest: digest(os === "debian" ? "c" : "d"),
    digest: digest(os === "debian" ? "a" : "b"),
  };
};
const store = ({ reference, labels }: Packed, id: string) => {
  images[reference] = { id, labels };
};

beforeEach(async () => {
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  images = {};
  answer.mockClear();
  vi.mocked(connectDocker)
    .mockReset()
    .mockImplementation(async () => fakeEngine({ images, answer }).docker);
  vi.mocked(buildToStore).mockReset();
});

test.each([
  ["its config's digest", (image: Packed) => image.configDigest],
  ["its manifest's digest", (image: Packed) => image.digest],
])("an image that the store has by %s is tested without a build", async (_, idOf) => {
  const image = await packed();
  store(image, idOf(image));
  const [tested] = await ensureTested([image], OPTIONS);
  expect(tested).toEqual({ ...image, testDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
  // The samples, and then whether it answers after an error.
  expect(answer).toHaveBeenCalledTimes(2);
  expect(buildToStore).not.toHaveBeenCalled();
});

test("one that has passed is not tested again, and needs no engine", async () => {
  const image = await packed();
  store(image, image.digest);
  const first = await ensureTested([image], OPTIONS);
  vi.mocked(connectDocker).mockRejectedValue(new Error("no engine"));
  expect(await ensureTested([image], OPTIONS)).toEqual(first);
  // The samples, and then whether it answers after an error.
  expect(answer).toHaveBeenCalledTimes(2);
});

test("only what the store lacks is put into it, and results have the order of the images", async () => {
  const [debian, alpine] = [await packed("debian"), await packed("alpine")];
  store(alpine, alpine.digest);
  store(debian, digest("0"));
  vi.mocked(buildToStore).mockImplementation(async (missing) => {
    for (const image of missing) store(image as Packed, (image as Packed).digest);
    return [];
  });
  const tested = await ensureTested([debian, alpine], OPTIONS);
  expect(vi.mocked(buildToStore).mock.calls.map(([missing]) => missing)).toEqual([[debian]]);
  expect(tested.map(({ os }) => os)).toEqual(["debian", "alpine"]);
});

test("an image that is in the store as another one than was packed: exit 3, and it has not passed", async () => {
  const image = await packed();
  vi.mocked(buildToStore).mockImplementation(async () => {
    store(image, digest("f"));
    return [];
  });
  const error = await refusal(() => ensureTested([image], OPTIONS));
  expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining(digest("f")) });
  store(image, image.digest);
  await ensureTested([image], OPTIONS);
  expect(answer).toHaveBeenCalledTimes(4);
});

test("one that fails ends it: what comes after is not tested, and nothing has passed", async () => {
  const [debian, alpine] = [await packed("debian"), await packed("alpine")];
  store(debian, debian.digest);
  store(alpine, alpine.digest);
  answer.mockReturnValueOnce({ exitCode: 0, stdout: '[{"status":200,"body":"[3,4]","milliseconds":1}]' });
  const error = await refusal(() => ensureTested([debian, alpine], OPTIONS));
  expect(error.exitCode).toBe(1);
  expect(answer).toHaveBeenCalledOnce();
});
