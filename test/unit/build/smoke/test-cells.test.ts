import { beforeEach, expect, test, vi } from "vitest";
import type { Os } from "../../../../build/catalog.ts";
import { UserError } from "../../../../build/errors.ts";
import type { Image } from "../../../../build/plan/image.ts";
import { junitReport } from "../../../../build/smoke/junit.ts";
import { type CellResult, requirePassed, testCells } from "../../../../build/smoke/test-cells.ts";
import { type FakeImage, fakeEngine } from "../../../support/fake-engine.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { imageOf } from "../../../support/plan-facts.ts";
import { refusal } from "../../../support/refusal.ts";
import { stderrText } from "../../../support/stderr.ts";

const GOOD = "[0.6,0.8]";
const WRONG = "[3,4]";

const cellOf = (os: Os) => imageOf(undefined, {}, { flags: { os: [os], arch: ["amd64"] } });

/** Tests images whose functions answer with these bodies, one after the other; the engine lacks those without one. */
async function testAnswers(
  cells: readonly (readonly [image: Image, body: string | undefined])[],
  controller = new AbortController(),
): Promise<CellResult[]> {
  const images: Record<string, FakeImage> = {};
  for (const [index, [{ reference, labels }, body]] of cells.entries())
    if (body) images[reference] = { id: `sha256:${String(index).repeat(64)}`, labels };
  const bodies = cells.flatMap(([, body]) => body ?? []);
  let last: string | undefined;
  const answer = (stdin: string) => {
    // After an event that it cannot take, each answers as it did before.
    if (!stdin.includes("such input")) last = bodies.shift();
    const reply = { status: 200, body: last, milliseconds: 1 };
    if (reply.body === "abort") controller.abort(new Error("SIGINT"));
    return { exitCode: 0, stdout: JSON.stringify(JSON.parse(stdin).map(() => reply)) };
  };
  const { docker } = fakeEngine({ images, answer });
  return testCells(
    cells.map(([image]) => image),
    { docker, signal: controller.signal },
  );
}

let said: () => string;
beforeEach(async () => {
  vi.stubEnv("MKIMAGE_CACHE", await temporaryFolder());
  said = stderrText();
});

test("one that fails and one that is not built do not stop the others, and each fault is said", async () => {
  const [debian, ubuntu, alpine] = await Promise.all([cellOf("debian"), cellOf("ubuntu"), cellOf("alpine")]);
  const results = await testAnswers([
    [debian, WRONG],
    [ubuntu, undefined],
    [alpine, GOOD],
  ]);
  expect(results.map(({ name, status }) => `${name}: ${status}`)).toEqual([
    "debian-amd64: failed",
    "ubuntu-amd64: not built",
    "alpine-amd64: passed",
  ]);
  expect(said()).toContain(`debian-amd64: ${debian.reference}`);
  expect(said()).toContain(`ubuntu-amd64: ${ubuntu.reference} has not been built\nRun: ${ubuntu.command}`);
  const error = await refusal(async () => requirePassed(results));
  expect(error).toMatchObject({
    exitCode: 1,
    message: "2 of 3 images have not passed: debian-amd64 (failed), ubuntu-amd64 (not built)",
  });
});

test("of a single image its own error is thrown, and said once", async () => {
  const debian = await cellOf("debian");
  const results = await testAnswers([[debian, undefined]]);
  expect(said()).toBe("");
  const error = await refusal(async () => requirePassed(results));
  expect(error).toMatchObject({ exitCode: 1, message: `${debian.reference} has not been built` });
});

test("images that pass are no error", async () => {
  expect(() => requirePassed([])).not.toThrow();
  const passed = await testAnswers([[await cellOf("debian"), GOOD]]);
  expect(() => requirePassed(passed)).not.toThrow();
});

test("Ctrl-C ends all of it", async () => {
  const cells = [[await cellOf("debian"), "abort"] as const, [await cellOf("alpine"), GOOD] as const];
  await expect(testAnswers(cells)).rejects.toThrow("SIGINT");
});

const faulty = (image: Image, fault: Error): CellResult => ({
  name: image.name,
  image,
  seconds: 1,
  status: "failed",
  fault,
});

test.each([
  ["environment", "environment", 3],
  ["environment", "check", 1],
] as const)("faults of the kinds %s and %s: exit %i", async (one, other, exitCode) => {
  const image = await cellOf("debian");
  const faults = [one, other].map((reason) => faulty(image, new UserError("x", { reason })));
  expect(await refusal(async () => requirePassed(faults))).toMatchObject({ exitCode });
});

test("the JUnit report has every image, and what XML forbids in a log does not break it", async () => {
  const [debian, ubuntu, alpine] = await Promise.all([cellOf("debian"), cellOf("ubuntu"), cellOf("alpine")]);
  const results = await testAnswers([
    [debian, GOOD],
    [ubuntu, undefined],
  ]);
  const fault = new UserError('a < b & "c"', {
    hint: "\u001b[31mred\u0000\nhttps://u:secret@host/ \ud800 ✓ ]]>",
  });
  const report = junitReport([...results, faulty(alpine, fault)].map((cell) => ({ ...cell, seconds: 1.5 })));
  expect(report.split("\n")).toEqual([
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites name="mkimage test" tests="3" failures="1" errors="0" skipped="1" time="4.500">',
    '<testsuite name="mkimage test" tests="3" failures="1" errors="0" skipped="1" time="4.500">',
    `<testcase classname="${debian.function}" name="debian-amd64" time="1.500"></testcase>`,
    `<testcase classname="${debian.function}" name="ubuntu-amd64" time="1.500"><skipped message="${ubuntu.reference} has not been built&#10;Run: ${ubuntu.command}"/></testcase>`,
    `<testcase classname="${debian.function}" name="alpine-amd64" time="1.500"><failure message="a &lt; b &amp; &quot;c&quot;" type="UserError">a &lt; b &amp; &quot;c&quot;&#10;\ufffd[31mred\ufffd&#10;https://host/ \ufffd ✓ ]]&gt;</failure></testcase>`,
    "</testsuite>",
    "</testsuites>",
    "",
  ]);
});
