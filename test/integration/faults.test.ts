import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDocker } from "../../build/clients/docker.ts";
import { prepareBuilt } from "../../build/command-line/prepare.ts";
import type { Image } from "../../build/plan/image.ts";
import { withSandbox } from "../../build/smoke/sandbox.ts";
import { checkAnswers, smokeTest } from "../../build/smoke/smoke.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { containersOf, docker } from "../support/engine.ts";
import { buildImage, buildInPlace } from "../support/image.ts";
import { makeProject, type Project } from "../support/project.ts";
import { refusal } from "../support/refusal.ts";

const { signal } = new AbortController();

let project: Project;
let image: Image;
const made: string[] = [];

beforeAll(async () => {
  project = await makeProject();
  const program = await readFile(join(TOOL_ROOT, "test/fixtures/faults.mjs"), "utf8");
  await buildInPlace(
    project.folder,
    { os: ["debian"], arch: ["amd64"] },
    `FROM public.ecr.aws/lambda/provided:al2023 AS rie
FROM node:24-trixie-slim AS node
FROM debian:trixie-slim
COPY --from=node /usr/local/bin/node /usr/local/bin/
COPY --from=rie /usr/local/bin/aws-lambda-rie /usr/local/bin/
COPY <<'PROGRAM' /var/task/index.mjs
${program}
PROGRAM
ENTRYPOINT ["/usr/local/bin/aws-lambda-rie", "/usr/local/bin/node", "/var/task/index.mjs"]
`,
  );
  const config = join(project.folder, "mkimage.json");
  const [planned] = await prepareBuilt({ os: ["debian"], arch: ["amd64"], config }, signal);
  if (!planned) throw new Error("the project has no such cell");
  // Two samples without expected replies: what is wrong is found by the checks of the task.
  const [model] = planned.models;
  const spec = { ...model.spec, normalize: true, samples: [{ inputs: "a" }, { inputs: "b" }] };
  image = { ...planned, memory: 512, timeout: 4, models: [{ ...model, spec }] };
}, 180_000);

afterAll(async () => {
  await project?.remove();
  for (const id of made) await execa("docker", ["image", "rm", "--force", id], { reject: false });
});

/** The image with other settings, in the place of the good one. */
async function withSettings(...changes: string[]): Promise<Image> {
  const container = await docker("create", image.reference);
  try {
    const reference = `${image.reference}-${randomUUID()}`;
    const id = await docker("commit", ...changes.flatMap((each) => ["--change", each]), container, reference);
    made.push(reference, id);
    return { ...image, reference };
  } finally {
    await docker("rm", container);
  }
}

const found = async (faulty: Image) =>
  refusal(async () => smokeTest(faulty, { docker: await connectDocker(), signal }));

// Most of them wait for a limit: several at a time.
test.concurrent.each([
  ["garbage", "The answer is not JSON"],
  ["empty", "Expected a list of numbers"],
  ["not a list", "Expected a list of numbers"],
  ["not normalized", "The vector's length is 5, not 1"],
  ["text in it", "Expected a list of numbers"],
  ["long reply", "6291458 bytes"],
  ["error reply", "The answer is an error.*no model here"],
  ["memory", "it ran out of memory, with 512 MB"],
  ["forks", "Cannot fork|did not answer within 4 s"],
  ["fills /tmp", "ran out of memory|ENOSPC"],
  ["writes to the root", "EROFS"],
  ["needs /dev/shm", "ENOENT.*/dev/shm"],
  ["opens files", "EMFILE"],
  ["network", "ENETUNREACH"],
  ["slow answer", "did not answer within 4 s"],
  ["slow second answer", "did not answer within 4 s"],
  ["ends at the second", "exit status 4"],
  ["kills itself", "signal: killed|ran out of memory"],
  ["prints without end", "did not answer within 4 s"],
  ["floating rejection", "nobody awaits this"],
  ["ends at once", "exit status 3"],
  ["throws at import", "a module is missing|exit status 1"],
  ["never asks", "did not finish loading within 4 s|did not answer within 4 s"],
])("a function with the fault “%s” is told with: %s", async (fault, says) => {
  // One that is to end by itself has the time for it, however slow the machine is.
  const timeout = says.includes(`within ${image.timeout} s`) ? image.timeout : 30;
  const faulty = { ...(await withSettings(`ENV FAULT=${JSON.stringify(fault)}`)), timeout };
  const begun = performance.now();
  // The rules for images are tested below; here the program runs.
  const error = await refusal(async () =>
    checkAnswers(faulty, faulty.reference, { docker: await connectDocker(), signal }),
  );
  expect(`${error.message}\n${error.hint}`).toMatch(new RegExp(says));
  expect(error.message).not.toContain("\n    at ");
  expect(error.exitCode).toBe(1);
  expect(performance.now() - begun).toBeLessThan(120_000);
});

test.each([
  ['ENTRYPOINT ["/nowhere"]', "entry-point"],
  ['ENTRYPOINT ["/etc/passwd"]', "entry-point"],
  ["WORKDIR /nowhere/at/all", "working-folder"],
  [`ENV TOKEN=AKIA${"Z7".repeat(8)}`, "secret"],
])("an image with %s is refused by the rule %s before it is started", async (change, rule) => {
  const error = await found(await withSettings("ENV FAULT=good", change));
  expect(`${error.message}\n${error.hint}`).toContain(rule);
});

test("a program of another architecture is refused before it is started", async () => {
  const reference = `${image.reference}-${randomUUID()}`;
  made.push(reference);
  await buildImage(
    reference,
    'FROM --platform=linux/arm64 alpine:3.23\nENTRYPOINT ["/bin/busybox", "sleep", "600"]\n',
    image.labels,
  );
  const error = await found({ ...image, reference });
  expect(error.message).toMatch(/entry-point: .*\n +.*\/bin\/busybox.*(?:arm64|aarch64)/i);
  expect(error.hint).toMatch(/Again: mkimage test .*--os debian --arch amd64/);
});

test("an image that never listens is told as that", async () => {
  const silent = await withSettings('ENTRYPOINT ["sleep", "600"]');
  const docker = await connectDocker();
  const error = await refusal(() =>
    withSandbox(docker, silent, { signal, startTimeout: 1500 }, ({ invoke }) => invoke(["{}"])),
  );
  expect(error.message).toBe(
    "The function did not answer: nothing listens on port 8080 after 1.5 s: its entry point does not start the emulator",
  );
});

test("nothing of them is left running", async () => {
  expect(await containersOf(project.function)).toEqual([]);
});

test("the same program without a fault passes", async () => {
  const tested = await smokeTest(await withSettings("ENV FAULT=good"), {
    docker: await connectDocker(),
    signal,
  });
  expect(tested.firstMs).toBeGreaterThan(0);
});
