import type Docker from "dockerode";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { screen } from "../../../../build/display/screen.ts";
import type { Image } from "../../../../build/plan/image.ts";
import { showPassed, smokeTest } from "../../../../build/smoke/smoke.ts";
import { type FakeEngineOptions, fakeEngine, savedOf } from "../../../support/fake-engine.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { imageOf } from "../../../support/plan-facts.ts";
import { refusal } from "../../../support/refusal.ts";

vi.mock("../../../../build/engine/caller-image.ts", () => ({ ensureCaller: async () => "sha256:caller" }));

const GIB = 1024 ** 3;

/** An engine with an image of these layers, unpacked; `createContainer` is the first thing that runs anything. */
function engineWith({ labels }: Pick<Image, "labels">, layers: readonly number[], size: number) {
  const createContainer = vi.fn(() => Promise.reject(new Error("started")));
  const image = {
    inspect: async () => ({ Id: "sha256:1", Config: { Labels: labels }, Size: size }),
    history: async () => layers.map((Size) => ({ Size, CreatedBy: "COPY" })),
    get: () => savedOf(),
  };
  const info = async () => ({ Architecture: "x86_64" });
  return { docker: { getImage: () => image, createContainer, info } as unknown as Docker, createContainer };
}

const { signal } = new AbortController();

test("an image of more than 10 GiB unpacked, in all its layers, is refused before anything of it runs", async () => {
  const image = await imageOf();
  // A store in containerd tells the packed size as the image's.
  const { docker, createContainer } = engineWith(image, [6 * GIB, 0, 4 * GIB, 0.5 * GIB], 3 * GIB);
  const error = await refusal(() => smokeTest(image, { docker, signal }));
  expect(error.exitCode).toBe(1);
  expect(error.message).toContain(`${image.reference} breaks a rule\nsize: `);
  expect(error.message).toContain("the layers have 10.50 GiB unpacked, and Lambda takes 10.00 GiB at most");
  expect(error.hint).toContain("--quantization int8");
  expect(createContainer).not.toHaveBeenCalled();
});

test("an image of exactly 10 GiB is tested", async () => {
  const image = await imageOf();
  const { docker } = engineWith(image, [6 * GIB, 4 * GIB], 0);
  await expect(smokeTest(image, { docker, signal })).rejects.toThrow("started");
});

test("an image that is not what the plan names is refused before anything of it runs", async () => {
  const image = await imageOf();
  const { docker, createContainer } = engineWith(await imageOf(undefined, { project: "other" }), [1], 1);
  const error = await refusal(() => smokeTest(image, { docker, signal }));
  expect(error.message).toBe(`${image.reference} is of another project: other, not shop`);
  expect(createContainer).not.toHaveBeenCalled();
});

test("what is run is the image that was looked at, whatever the reference is moved to meanwhile", async () => {
  const image = await imageOf();
  const { docker, createContainer } = engineWith(image, [1], 1);
  await expect(smokeTest(image, { docker, signal })).rejects.toThrow("started");
  expect(createContainer.mock.calls).toEqual([[expect.objectContaining({ Image: "sha256:1" })]]);
});

describe("an image that is run", () => {
  beforeEach(async () => {
    vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
  });

  /** The smoke test of an image on an engine that has it, each of whose replies has this body. */
  async function smokeTestOf(image: Image, body: string, options: FakeEngineOptions = {}) {
    let milliseconds = 0;
    const answer = vi.fn((stdin: string) => {
      const replies = JSON.parse(stdin).map(() => ({ status: 200, body, milliseconds: ++milliseconds }));
      return { exitCode: 0, stdout: JSON.stringify(replies) };
    });
    const images = { [image.reference]: { id: "sha256:1", labels: image.labels } };
    const engine = fakeEngine({ images, answer, ...options });
    return { ...engine, answer, outcome: smokeTest(image, { docker: engine.docker, signal }) };
  }
  const sentTo = (answer: { mock: { calls: string[][] } }) =>
    answer.mock.calls.map(([stdin]) =>
      (JSON.parse(stdin ?? "") as string[]).map((event) => JSON.parse(event)),
    );

  test("passes with what was found: its id, the times of the first and the warm answer", async () => {
    const image = await imageOf();
    const { outcome, answer, containers } = await smokeTestOf(image, "[0.6,0.8]");
    const { rules, ...passed } = await outcome;
    expect(rules.filter(({ status, level }) => level === "required" && status === "broken")).toEqual([]);
    expect(passed).toEqual({
      ...image,
      id: "sha256:1",
      emulated: false,
      firstMs: 1,
      warmMs: 2,
      largestDifference: 0,
      abi: { files: 1, newest: {}, faults: [] },
      peakMemoryMB: undefined,
      leftProcesses: [],
    });
    // The first question is asked again for the warm time, and after an event that no task takes.
    expect(sentTo(answer)).toEqual([
      [{ inputs: "hello world" }, { inputs: "hello world" }],
      [{ inputs: { no: "such input" } }, { inputs: "hello world" }],
    ]);
    expect(containers.size).toBe(0);
  });

  test("with a handler runs without it, for the model's numbers, and then with it", async () => {
    const functions = { embed: { model: "minilm", handler: "handler.ts", event: { text: "a" } } };
    const image = await imageOf({ functions }, {}, { files: { "handler.ts": "export default () => 1;" } });
    const { outcome, answer, created } = await smokeTestOf(image, "[0.6,0.8]");
    // The times are those of the handler.
    const passed = await outcome;
    expect(passed).toMatchObject({ firstMs: 5, warmMs: 6 });
    expect(sentTo(answer)[2]).toEqual([{ text: "a" }, { text: "a" }]);
    const run = created.filter(({ Env }) => Env !== undefined);
    expect(run.map(({ Env }) => Env?.includes("MKIMAGE_HANDLER="))).toEqual([true, false]);
    const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    showPassed(screen.row("cells", image.name), passed);
    const note = `note: ${image.reference}: handler.ts answers (replies not compared)`;
    expect(written.mock.calls.join("")).toContain(note);
  });

  test("of several models has each of them answer under its name, the first one without", async () => {
    const image = await imageOf({ functions: { embed: { models: ["minilm", "bge-small.en"] } } });
    const { outcome, answer } = await smokeTestOf(image, "[0.6,0.8]");
    await outcome;
    const names = sentTo(answer).map((events) => events.map(({ model }) => model));
    expect(names).toEqual([
      [undefined, undefined],
      ["bge-small.en", "bge-small.en"],
      [undefined, undefined],
    ]);
  });

  test("whose answer is wrong is refused with the image, the time and the function's log", async () => {
    const image = await imageOf();
    const { outcome, containers } = await smokeTestOf(image, "[3,4]", { log: "a line of the log\n" });
    const error = await refusal(() => outcome);
    expect(error.exitCode).toBe(1);
    expect(error.message).toContain(`${image.reference}: minilm, asked`);
    expect(error.hint).toMatch(
      /^After \d+\.\d s\. Its log:\na line of the log\nAgain: mkimage test --config .* --os debian --arch amd64 --quantization fp32$/,
    );
    expect(containers.size).toBe(0);
  });

  test("on an engine of another architecture is emulated, which the result and an error say", async () => {
    const image = await imageOf();
    const engine = { architecture: "aarch64" } as const;
    expect(await (await smokeTestOf(image, "[0.6,0.8]", engine)).outcome).toMatchObject({ emulated: true });
    const refused = await smokeTestOf(image, "[3,4]", engine);
    expect((await refusal(() => refused.outcome)).hint).toContain("s, emulated. Its log:");
  });
});
