import { beforeEach, describe, expect, test, vi } from "vitest";
import { withSandbox } from "../../../../build/smoke/sandbox.ts";
import { type FakeEngineOptions, fakeEngine } from "../../../support/fake-engine.ts";
import { temporaryFolder } from "../../../support/folder.ts";

const IMAGE = { reference: "r:debian-amd64", arch: "amd64", memory: 512, function: "f" } as const;
const images = { [IMAGE.reference]: { id: "sha256:1" } };
const EVENT = '{"inputs":"a"}';
const replied = (body: string) => ({ status: 200, body, milliseconds: 1 });

beforeEach(async () => {
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
});

/** Sends one event to a function in a fake engine; the engine comes back with the outcome. */
function invokeIn(options: FakeEngineOptions, signal = new AbortController().signal) {
  const engine = fakeEngine({ images, ...options });
  const outcome = withSandbox(engine.docker, IMAGE, { signal }, ({ invoke }) => invoke([EVENT]));
  return { ...engine, outcome };
}

describe("the container", () => {
  test("gets the events on stdin, its replies come back, and it is removed", async () => {
    const answer = vi.fn(() => ({ exitCode: 0, stdout: JSON.stringify([replied("[1]")]) }));
    const { outcome, containers } = invokeIn({ answer });
    expect(await outcome).toEqual([{ status: 200, body: "[1]", milliseconds: 1 }]);
    expect(answer).toHaveBeenCalledExactlyOnceWith(JSON.stringify([EVENT]));
    expect(containers.size).toBe(0);
  });

  test.each([
    ["amd64", "x86_64", "60"],
    ["amd64", "aarch64", "300"],
    ["arm64", "aarch64", "60"],
  ] as const)("has a longer timeout where it is emulated: %s on %s", async (arch, architecture, seconds) => {
    const { docker, created } = fakeEngine({ images, architecture });
    const { signal } = new AbortController();
    await withSandbox(docker, { ...IMAGE, arch }, { signal }, async () => {});
    expect(created[0]?.Env).toContain(`AWS_LAMBDA_FUNCTION_TIMEOUT=${seconds}`);
  });

  test("is as strict as Lambda", async () => {
    const { created, outcome } = invokeIn({ answer: () => ({ exitCode: 0, stdout: "[]" }) });
    await outcome;
    expect(created).toMatchObject([
      {
        Image: IMAGE.reference,
        User: "993:990",
        HostConfig: {
          ReadonlyRootfs: true,
          CapDrop: ["ALL"],
          NetworkMode: "none",
          Memory: 512 * 1024 * 1024,
          MemorySwap: 512 * 1024 * 1024,
        },
      },
    ]);
  });
});

describe("Ctrl-C", () => {
  test.each([
    ["while the container starts", "onStart"],
    ["while it answers", "answer"],
  ] as const)("%s ends it at once", async (_, moment) => {
    const controller = new AbortController();
    const { outcome, containers } = invokeIn(
      { [moment]: () => controller.abort(new Error("SIGINT")) },
      controller.signal,
    );
    await expect(outcome).rejects.toThrow("SIGINT");
    expect(containers.size).toBe(0);
  });

  test("before it makes no container", async () => {
    const { outcome, created } = invokeIn({}, AbortSignal.abort(new Error("SIGINT")));
    await expect(outcome).rejects.toThrow("SIGINT");
    expect(created).toEqual([]);
  });
});

describe("a function that does not answer", () => {
  const dead = { exitCode: 1, stderr: "Error: connect\nthe last line" };

  test("that does not listen is told with the port and the time", async () => {
    const { outcome } = invokeIn({
      answer: () => ({ exitCode: 1, stderr: "connect ECONNREFUSED 127.0.0.1:8080" }),
    });
    await expect(outcome).rejects.toThrow(
      "nothing listens on port 8080 after 60 s: its entry point does not start",
    );
  });

  test("that the engine sees end only after the call has failed is told with why it ended", async () => {
    const state: Record<string, unknown> = { Running: true };
    const end = () => Object.assign(state, { OOMKilled: true, Running: false });
    const answer = () => {
      setTimeout(end, 50);
      return { exitCode: 1, stderr: "socket hang up" };
    };
    await expect(invokeIn({ answer, state }).outcome).rejects.toThrow("it ran out of memory");
  });

  test.each([
    [{ OOMKilled: true, Running: false }, "it ran out of memory: raise `memory`"],
    [{ ExitCode: 7, Running: false }, "it ended with exit code 7"],
    [{ Running: true }, "the last line"],
  ])("%o is told with its log", async (state, why) => {
    const { outcome, containers } = invokeIn({ answer: () => dead, state, log: "the reason\n" });
    await expect(outcome).rejects.toMatchObject({
      message: expect.stringContaining(`The function did not answer: ${why}`),
      hint: "Its log:\nthe reason",
      exitCode: 1,
    });
    expect(containers.size).toBe(0);
  });
});
