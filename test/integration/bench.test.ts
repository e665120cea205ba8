import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Result, readResults } from "../../build/bench/results.ts";
import { containersOf, eventually } from "../support/engine.ts";
import { mkimage, mkimageJson, startMkimage } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";

const CELL = ["--os", "debian", "--arch", "amd64"];
let project: Project;
let file: string;
const inProject = () => ({ cwd: project.folder });

/** The lines of the file of results. */
const lines = async (): Promise<Result[]> =>
  (await readFile(file, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

beforeAll(async () => {
  project = await makeProject();
  file = join(project.folder, "bench/results.jsonl");
  await mkimageJson(["build", ...CELL], inProject());
});
afterAll(() => project?.remove());

test("a grid of one cell: steps of a start, calls, memory, sizes, a line for each", async () => {
  const args = ["bench", ...CELL, "--memory", "1024,1769", "--tokens", "8", "--max-time", "1"];
  const results = await mkimageJson<Result[]>(args, inProject());
  expect(results.map(({ memoryMB }) => memoryMB).sort()).toEqual([1024, 1769]);
  expect(await lines()).toEqual(results);
  for (const { cold, warm, peakMemoryMB, sizes, status, emulated, input, cell } of results) {
    expect({ status, emulated, input }).toEqual({
      status: "measured",
      emulated: false,
      input: { tokens: 8, batch: 1 },
    });
    const { container, node, session, tokenizer, firstAnswer } = cold?.steps ?? {};
    for (const step of [container, node, session, firstAnswer]) expect(step).toBeGreaterThan(0);
    expect(tokenizer).toBeGreaterThanOrEqual(0);
    expect(Math.min(...(cold?.total ?? []))).toBeGreaterThan(container ?? 0);
    expect(warm?.samples.length).toBeGreaterThanOrEqual(50);
    expect(peakMemoryMB).toBeGreaterThan(40);
    expect(sizes?.packed).toBeLessThan(sizes?.unpacked ?? 0);
    expect(cell.quantization).toBe("fp32");
  }
});

test("--resume measures only what the last run has not, and a cell that is not built is named", async () => {
  const before = await lines();
  const args = ["bench", "--os", "debian,alpine", "--arch", "amd64", "--memory", "1024,1769,3008"];
  const { exitCode, stderr } = await mkimage(
    [...args, "--tokens", "8", "--max-time", "1", "--resume"],
    inProject(),
  );
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toContain("2 of 3 were measured before");
  expect(stderr).toMatch(/alpine-amd64 has not been built: not measured\. Run: mkimage build/);
  const added = (await lines()).slice(before.length);
  expect(added.map(({ memoryMB, run }) => [memoryMB, run.id])).toEqual([[3008, before[0]?.run.id]]);
});

test("report and recommend draw from the lines", async () => {
  const { stdout } = await mkimage(["report", "--format", "csv"], inProject());
  expect(stdout.trim().split("\n").length).toBe(4);
  const advice = await mkimage(["recommend", "--p95", "60s"], inProject());
  expect(advice.exitCode, advice.stderr).toBe(0);
  expect(advice.stdout).toContain("debian-amd64");
  const impossible = await mkimage(["recommend", "--p95", "0.001ms"], inProject());
  expect(impossible.exitCode).toBe(1);
});

test("--against: what is slower than before, beyond the intervals, ends with exit code 1", async () => {
  const [first] = await lines();
  const quick = {
    ...first,
    run: { ...first?.run, id: "quick" },
    warm: { samples: Array.from({ length: 60 }, (_, each) => 0.01 + each / 1e6), throughput: 1e5 },
  };
  await writeFile(file, `${JSON.stringify(quick)}\n`);
  const args = ["bench", ...CELL, "--memory", String(first?.memoryMB), "--tokens", "8", "--max-time", "1"];
  const { exitCode, stderr } = await mkimage([...args, "--against", "last"], inProject());
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/Slower than the run quick, beyond the intervals\n.*: warm 0\.0\d ms → [\d.]+ ms/);
  const other = await mkimage([...args, "--against", "no-such-run"], inProject());
  expect([other.exitCode, other.stderr]).toEqual([2, expect.stringContaining("Known: last, quick")]);
});

test("--baseline: transformers.js, Python and the session alone do the same work in the same run", async () => {
  // Their own file: what recommend chooses has to be of the baselines' memory size.
  const own = ["--results", join(project.folder, "baselines.jsonl")];
  const args = ["bench", ...CELL, "--memory", "1769", "--tokens", "8", "--max-time", "1"];
  const { exitCode, stdout, stderr } = await mkimage(
    [...args, ...own, "--baseline", "transformers.js,python", "--baseline", "session"],
    inProject(),
  );
  expect(exitCode, stderr).toBe(0);
  const results = await readResults(own[1] as string);
  const found = Object.fromEntries(
    results.map(({ cell, fault }) => [cell.baseline ?? "cell", fault ?? "measured"]),
  );
  expect(found).toEqual({
    cell: "measured",
    "transformers.js": "measured",
    python: "measured",
    session: "measured",
  });
  for (const { cell, cold, warm, sizes } of results) {
    expect(cold?.total.length).toBeGreaterThanOrEqual(3);
    expect(warm?.samples.length).toBeGreaterThanOrEqual(50);
    // The session is measured in the image of the cell.
    if (cell.baseline === "session") expect(sizes).toBeUndefined();
    else expect(sizes?.packed).toBeLessThan(sizes?.unpacked ?? 0);
  }
  expect(stdout).toMatch(/transformers\.js 1769 MB 8 tokens +measured/);
  for (const name of ["transformers.js", "python", "session"])
    expect(stderr).toMatch(
      new RegExp(`Against ${name} on amd64 at 1769 MB, debian-amd64 fp32 is [\\d.]+ times`),
    );
  const report = await mkimage(["report", "--format", "md", ...own], inProject());
  expect(report.stdout).toContain("Against python on amd64 at 1769 MB");
  const advice = await mkimage(["recommend", ...own], inProject());
  expect(advice.stdout).toContain("Against python on amd64 at 1769 MB");
});

test("Ctrl-C keeps what has been measured, and leaves no container", async () => {
  const before = (await lines()).length;
  const run = startMkimage(["bench", ...CELL, "--precision", "0.1%", "--progress", "plain"], inProject());
  // One round is over when the next container is there.
  const seen = new Set<string>();
  await eventually(async () => {
    for (const id of await containersOf(project.function)) seen.add(id);
    return seen.size > 1 ? true : undefined;
  });
  process.kill(-(run.pid as number), "SIGINT");
  const { exitCode, stderr } = await run;
  expect(exitCode).toBe(130);
  expect(stderr).toMatch(/cell debian-amd64.*: round \d+, warm .*, interrupted\n/);
  expect(stderr).toContain("the same command with --resume measures the rest");
  expect(stderr).not.toContain("failed");
  const kept = await lines();
  expect(kept.length).toBe(before + 1);
  expect(await containersOf(project.function)).toEqual([]);
  // It has a round or two, and not the interval that was asked for: it is measured again.
  expect((await mkimage(["bench", ...CELL, "--max-time", "1", "--resume"], inProject())).exitCode).toBe(0);
  const again = (await lines()).slice(kept.length);
  expect(again.map(({ run, interrupted }) => [run.id, interrupted])).toEqual([
    [kept.at(-1)?.run.id, undefined],
  ]);
});
