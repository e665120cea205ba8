import type Docker from "dockerode";
import { beforeEach, expect, test, vi } from "vitest";
import { builderDriver, runBake } from "../../../../build/clients/buildx.ts";
import { connectDocker } from "../../../../build/clients/docker.ts";
import { buildToStore } from "../../../../build/engine/store.ts";
import { makePlan } from "../../../../build/plan/plan.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { configOf, FACTS, MINIMAL } from "../../../support/plan-facts.ts";
import { refusal } from "../../../support/refusal.ts";

vi.mock("../../../../build/clients/buildx.ts", () => ({
  builderDriver: vi.fn(),
  builderNodes: async () => 1,
  runBake: vi.fn(),
  baseParts: vi.fn(),
}));
vi.mock(import("../../../../build/clients/docker.ts"), async (original) => ({
  ...(await original()),
  connectDocker: vi.fn(),
}));

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const MANIFEST = digest("a");
const CONFIG = digest("c");
const RUN = { signal: new AbortController().signal, secrets: [] };

/** An engine whose builder has left an image with this id, and what is done to references. */
function engineWith(id: string) {
  const done: string[] = [];
  const getImage = (reference: string) => ({
    inspect: async () => ({ Id: id, Config: { Labels: {} } }),
    history: async () => [],
    tag: async ({ repo, tag }: { repo: string; tag: string }) => done.push(`tag ${repo}:${tag}`),
    remove: async () => done.push(`remove ${reference.replace(/run-\w+/, "run")}`),
  });
  const info = async () => ({ DriverStatus: null });
  const listImages = async () => [{ Id: id, Size: 5e6, SharedSize: 4e6 }];
  vi.mocked(connectDocker).mockResolvedValue({ getImage, info, listImages } as unknown as Docker);
  return done;
}

const cell = async () => makePlan(await configOf(MINIMAL, { os: ["alpine"], arch: ["arm64"] }), FACTS);

beforeEach(async () => {
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
  vi.mocked(builderDriver).mockResolvedValue("docker");
  vi.mocked(runBake).mockResolvedValue({
    "embed-alpine-arm64": {
      "containerimage.digest": MANIFEST,
      "containerimage.config.digest": CONFIG,
    },
  });
});

test.each([
  ["containerd's store names it by its manifest, and has it packed", MANIFEST, MANIFEST],
  ["a classic store names it by its config, and has it unpacked", CONFIG, undefined],
])(
  "what the builder inside the engine has made is there, and its config's digest is told: %s",
  async (_, id, digest) => {
    const done = engineWith(id);
    const [built] = await buildToStore(await cell(), RUN);
    expect(built).toMatchObject({ configDigest: CONFIG, reference: "shop/embed:alpine-arm64" });
    expect(built?.size).toEqual({ bytes: 5e6, shared: 4e6, packed: false });
    expect(built?.digest).toBe(digest);
    expect(done).toEqual(["tag shop/embed:alpine-arm64", "remove shop/embed:run-alpine-arm64"]);
  },
);

test("another image than the builder names: exit 3, and no reference is moved", async () => {
  const done = engineWith(digest("f"));
  const plan = await cell();
  const error = await refusal(() => buildToStore(plan, RUN));
  expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining(digest("f")) });
  expect(done).toEqual(["remove shop/embed:run-alpine-arm64"]);
});
