import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DeleteRepositoryCommand, ECRClient } from "@aws-sdk/client-ecr";
import {
  DeleteFunctionCommand,
  GetFunctionCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Result } from "../../build/bench/results.ts";
import { awsKeys, createRole, startAws } from "../support/aws.ts";
import { docker, dockerLines, eventually } from "../support/engine.ts";
import { mkimage, mkimageJson, startMkimage } from "../support/mkimage.ts";
import { MODEL, makeProject, type Project } from "../support/project.ts";

let endpoint: string;
let project: Project;
let name: string;
let lambda: LambdaClient;
let ecr: ECRClient;

const options = () => ({ cwd: project.folder, env: { ...awsKeys(), AWS_ENDPOINT_URL: endpoint } });
const run = (...args: string[]) => mkimage(args, options());

/** The functions that are made for measuring this one. */
async function made(): Promise<string[]> {
  const names: string[] = [];
  let Marker: string | undefined;
  do {
    const page = await lambda.send(new ListFunctionsCommand({ Marker }));
    names.push(...(page.Functions ?? []).map(({ FunctionName = "" }) => FunctionName));
    Marker = page.NextMarker || undefined;
  } while (Marker);
  return names.filter((each) => each.startsWith(`${name}-bench-`));
}

/** What callers of the function have: nothing of it may change while it is measured. */
async function live() {
  const { Configuration, Tags } = await lambda.send(new GetFunctionCommand({ FunctionName: name }));
  const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: name }));
  return { Configuration, Tags, Versions };
}

beforeAll(async () => {
  endpoint = await startAws();
  project = await makeProject();
  name = project.function;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  lambda = new LambdaClient({ endpoint, region: "us-east-1", credentials });
  ecr = new ECRClient({ endpoint, region: "us-east-1", credentials });
  const role = await createRole(endpoint, name);
  await project.writeConfig({
    functions: {
      [name]: { model: MODEL, deploy: { os: "debian", arch: "amd64", role, tags: { team: "search" } } },
    },
    repository: "mkimage-test/<function>",
    version: "1.0",
  });
  const pushed = await run("push", "--os", "debian", "--arch", "amd64");
  expect(pushed.exitCode, pushed.stderr).toBe(0);
});

afterAll(async () => {
  for (const each of [name, ...(await made())])
    await lambda.send(new DeleteFunctionCommand({ FunctionName: each })).catch(() => {});
  const containers = await dockerLines(
    "ps",
    "--all",
    "--quiet",
    "--filter",
    `label=mkimage.function=${name}`,
  );
  if (containers.length > 0) await docker("rm", "--force", "--volumes", ...containers);
  await ecr
    .send(new DeleteRepositoryCommand({ repositoryName: project.repository, force: true }))
    .catch(() => {});
  await project.remove();
});

const BENCH = ["bench", "--target", "lambda", "--tokens", "8", "--max-time", "1"];

test("a function that is not deployed is named, with the command that deploys it", async () => {
  const { exitCode, stderr } = await run(...BENCH, "--yes");
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`Function ${name} is not deployed`);
  expect(stderr).toContain(`mkimage deploy --function ${name}`);
});

test("the deployed function is measured in functions of its own, and nothing of it changes", async () => {
  const deployed = await run("deploy");
  expect(deployed.exitCode, deployed.stderr).toBe(0);
  const before = await live();
  const file = "bench/measured.jsonl";
  await rm(join(project.folder, file), { force: true });
  const args = [
    ...BENCH,
    "--results",
    file,
    "--memory",
    "1024,1769",
    "--max-cost",
    "1",
    "--concurrency",
    "2",
  ];
  const results = await mkimageJson<Result[]>(args, options());
  expect(await live()).toEqual(before);
  expect(await made()).toEqual([]);
  expect(results.map(({ memoryMB }) => memoryMB).sort()).toEqual([1024, 1769]);
  for (const { status, fault, run: of, cold, warm, peakMemoryMB, cell } of results) {
    expect({ status, fault }).toEqual({ status: "measured" });
    expect(of).toMatchObject({ target: "lambda", region: "us-east-1" });
    expect(cell).toMatchObject({ function: name, os: "debian", arch: "amd64", quantization: "fp32" });
    expect(cold?.total.length).toBeGreaterThanOrEqual(3);
    expect(warm?.samples.length).toBeGreaterThanOrEqual(40);
    expect(warm?.concurrent).toMatchObject({ callers: 2, calls: 20, failed: 0 });
    expect(peakMemoryMB).toBeGreaterThan(0);
  }
  const text = await readFile(join(project.folder, file), "utf8");
  expect(
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual(results);
  const { stdout, exitCode } = await run("report", "--results", file, "--format", "csv");
  expect(exitCode).toBe(0);
  expect(stdout.split("\n").filter((line) => line.includes(",lambda,"))).toHaveLength(2);
});

test("what may cost money is agreed to first, and a budget that is too small measures nothing", async () => {
  const asked = await run(...BENCH);
  expect(asked.exitCode).toBe(2);
  expect(asked.stderr).toMatch(/costs about \$0\.\d+.*\n.*--max-cost/);
  const small = await run(...BENCH, "--max-cost", "0.000001");
  expect(small.exitCode).toBe(1);
  expect(small.stderr).toMatch(/No cell could be measured: .*--max-cost/);
  expect(await made()).toEqual([]);
});

test("functions of a run that was killed are removed by the next one", async () => {
  const killed = startMkimage(["bench", "--target", "lambda", "--yes", "--precision", "0.1%"], options());
  await eventually(async () => ((await made()).length === 1 ? true : undefined));
  killed.kill("SIGKILL");
  await killed.catch(() => {});
  expect(await made()).toHaveLength(1);
  const { stderr } = await run(...BENCH, "--yes", "--max-cost", "0.000001");
  expect(stderr).toMatch(/cleaned up after a run that was killed|removed .*-bench-/);
  expect(await made()).toEqual([]);
});
