/** What `mkimage test --thorough` sees without the emulator: for each thing that a function may do wrong, one that does. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDocker } from "../../build/clients/docker.ts";
import { prepareBuilt } from "../../build/command-line/prepare.ts";
import type { Image } from "../../build/plan/image.ts";
import { checkLifecycle } from "../../build/smoke/lifecycle.ts";
import { questionsOf } from "../../build/smoke/lifecycle-run.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { containersOf, docker, eventually } from "../support/engine.ts";
import { buildInPlace } from "../support/image.ts";
import { makeProject, type Project } from "../support/project.ts";
import { refusal } from "../support/refusal.ts";

const { signal } = new AbortController();

let project: Project;
let image: Image;

beforeAll(async () => {
  project = await makeProject();
  const program = await readFile(join(TOOL_ROOT, "test/fixtures/lifecycle.mjs"), "utf8");
  await buildInPlace(
    project.folder,
    { os: ["debian"], arch: ["amd64"] },
    `FROM node:24-trixie-slim AS node
FROM debian:trixie-slim
COPY --from=node /usr/local/bin/node /usr/local/bin/
COPY <<'PROGRAM' /var/task/index.mjs
${program}
PROGRAM
ENTRYPOINT ["/usr/local/bin/node", "/var/task/index.mjs"]
`,
  );
  const config = join(project.folder, "mkimage.json");
  const [planned] = await prepareBuilt({ os: ["debian"], arch: ["amd64"], config }, signal);
  if (!planned) throw new Error("the project has no such cell");
  const [model] = planned.models;
  const spec = { ...model.spec, normalize: true, samples: [{ inputs: "a" }, { inputs: "b" }] };
  image = { ...planned, memory: 512, timeout: 10, models: [{ ...model, spec }] };
}, 180_000);

afterAll(() => project?.remove());

interface Given {
  readonly env?: readonly string[];
  readonly network?: boolean;
  readonly image?: Image;
}

/** What is found of a function with this fault. */
async function lifecycleOf(fault: string, { image: given = image, env = [], network = false }: Given = {}) {
  const options = { docker: await connectDocker(), signal, env: [`FAULT=${fault}`, ...env], network };
  return checkLifecycle(given, await questionsOf(given), { ...options, strict: true });
}

/** The image without the labels that allow a snapshot. */
const withoutLabels = (): Image => ({ ...image, labels: {} });

test("a function that does everything right passes, with what it takes to end", async () => {
  const { stopMs, ...found } = await lifecycleOf("none", { image: withoutLabels() });
  expect(found).toEqual({
    atOnce: 2,
    restore: { by: "restore/next", connections: [], random: [] },
    written: [],
  });
  expect(stopMs).toBeLessThan(1500);
});

test.concurrent.each([
  ["ignores SIGTERM", "SIGTERM ends: The function does not end within 2 s of SIGTERM"],
  ["one at a time", "two events at once: with AWS_LAMBDA_MAX_CONCURRENCY=2 it asks for the second"],
  ["mixes up answers", "two events at once: .*sample [12]: The vector.s length is 5"],
  ["answers another event", "SIGTERM ends: .*it answered an event that it was not given"],
  ["answers twice", "SIGTERM ends: .*it answered an event twice"],
  ["never calls restore/next", "from a snapshot: it does not call restore/next, and has no label"],
  ["fails after the restore", "from a snapshot: .*NoConnection: the database is gone"],
  ["ends after the restore", "from a snapshot: .*it ended with exit code 5"],
])("a function that %s is told with: %s", async (fault, says) => {
  const begun = performance.now();
  const error = await refusal(() => lifecycleOf(fault, { image: withoutLabels() }));
  expect(error.message).toMatch(new RegExp(says));
  expect(error.exitCode).toBe(1);
  expect(performance.now() - begun).toBeLessThan(60_000);
});

test.concurrent("the time of a slow end is told, and a label allows a snapshot as well", async () => {
  expect((await lifecycleOf("ends late")).stopMs).toBeGreaterThan(1000);
  expect((await lifecycleOf("never calls restore/next")).restore).toEqual({
    by: "label",
    connections: [],
    random: [],
  });
});

test.concurrent("files that it would write outside /tmp are told by their names", async () => {
  const { written } = await lifecycleOf("writes outside /tmp");
  expect(written).toEqual(["/etc/issue (deleted)", "/opt/seen", "/var/task/cache.bin"]);
  expect((await lifecycleOf("writes to /tmp")).written).toEqual([]);
});

/** Listens in a container of Docker's own network, which is where a function with a network is. */
const LISTEN = `require("node:net")
  .createServer((socket) => socket.on("error", () => {}))
  .listen(9000, () => console.log("up"));`;

test.concurrent("a connection that is open when the snapshot is taken is told by its address", async () => {
  const node = ["--entrypoint", "/usr/local/bin/node", image.reference, "--eval", LISTEN];
  const id = await docker("run", "--detach", ...node);
  try {
    await eventually(async () => (await docker("logs", id)) || undefined);
    const address = await docker("inspect", "--format", "{{.NetworkSettings.Networks.bridge.IPAddress}}", id);
    const peer = `${address}:9000`;
    const { restore } = await lifecycleOf("is connected", { env: [`PEER=${peer}`], network: true });
    expect(restore.connections).toEqual([peer]);
  } finally {
    await docker("rm", "--force", id);
  }
});

test.concurrent("random values that all copies of a snapshot share are told, with who draws them", async () => {
  const { restore } = await lifecycleOf("draws copied numbers");
  expect(restore.random).toEqual([
    expect.stringMatching(/^Math\.random at \/var\/task\/index\.mjs:\d+:\d+$/),
    expect.stringMatching(/^crypto\.randomUUID at \/var\/task\/index\.mjs:\d+:\d+$/),
  ]);
});

test("nothing is left running", async () => {
  expect(await containersOf(project.function)).toEqual([]);
});
