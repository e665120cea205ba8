import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { DeleteRepositoryCommand, ECRClient } from "@aws-sdk/client-ecr";
import {
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  LambdaClient,
  ListVersionsByFunctionCommand,
} from "@aws-sdk/client-lambda";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { expectAliasAnswer } from "../support/alias-answer.ts";
import { awsKeys, createRole, startAws } from "../support/aws.ts";
import { docker, dockerLines } from "../support/engine.ts";
import { type FaultyProxy, isWriting, startFaultyProxy } from "../support/faulty-proxy.ts";
import { mkimage } from "../support/mkimage.ts";
import { MODEL, makeProject, type Project } from "../support/project.ts";

let endpoint: string;
let project: Project;
let name: string;
let role: string;
let lambda: LambdaClient;
let ecr: ECRClient;
let cloudwatch: CloudWatchClient;
let proxy: FaultyProxy;
let reference: string;

/** The configuration of the project's function, with these settings of its deployment. */
const configure = (deploy: Record<string, unknown> = {}, memory = 1769) =>
  project.writeConfig({
    functions: {
      [name]: { model: MODEL, memory, deploy: { os: "alpine", arch: "amd64", role, ...deploy } },
    },
    repository: "mkimage-test/<function>",
    version: "1.0",
  });

const env = () => ({ ...awsKeys(), AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_LAMBDA: proxy.endpoint });
const run = (...args: string[]) => mkimage(args, { cwd: project.folder, env: env() });

beforeAll(async () => {
  endpoint = await startAws();
  project = await makeProject();
  name = project.function;
  proxy = await startFaultyProxy(endpoint);
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  lambda = new LambdaClient({ endpoint, region: "us-east-1", credentials });
  ecr = new ECRClient({ endpoint, region: "us-east-1", credentials });
  cloudwatch = new CloudWatchClient({ endpoint, region: "us-east-1", credentials });
  role = await createRole(endpoint, name);
  await configure();
  const pushed = await run("push", "--os", "alpine", "--arch", "amd64");
  expect(pushed).toMatchObject({ exitCode: 0 });
  reference = pushed.stdout;
});

beforeEach(() => {
  proxy.asked.length = 0;
  proxy.fate = () => "pass";
});

afterAll(async () => {
  await lambda.send(new DeleteFunctionCommand({ FunctionName: name })).catch(() => {});
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
  await proxy[Symbol.asyncDispose]();
});

/** What callers of the alias get: fails unless it is the right embedding. */
const expectRightAnswer = () => expectAliasAnswer(lambda, name, project.folder);

const alias = () => lambda.send(new GetAliasCommand({ FunctionName: name, Name: "live" }));
const versions = async () => {
  const found = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: name }));
  return (found.Versions ?? []).map(({ Version }) => Version).filter((version) => version !== "$LATEST");
};

/** An image of the same function that answers every event with another vector. */
async function pushBroken(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mkimage-broken-"));
  const program = `
const api = "http://" + process.env.AWS_LAMBDA_RUNTIME_API + "/2018-06-01/runtime/invocation/";
const vector = JSON.stringify(Array(384).fill(1 / Math.sqrt(384)));
for (;;) {
  const next = await fetch(api + "next");
  await next.text();
  await fetch(api + next.headers.get("lambda-runtime-aws-request-id") + "/response", { method: "POST", body: vector });
}
`;
  await writeFile(join(folder, "index.mjs"), program);
  await writeFile(join(folder, "Dockerfile"), `FROM ${reference}\nCOPY index.mjs /var/task/index.mjs\n`);
  const metadata = join(folder, "metadata.json");
  const output = `type=image,push=true,oci-mediatypes=true,name=${reference.split("@")[0]}:broken`;
  const args = [
    "buildx",
    "build",
    "--provenance=false",
    "--output",
    output,
    "--metadata-file",
    metadata,
    folder,
  ];
  await execa("docker", args);
  const digest = JSON.parse(await readFile(metadata, "utf8"))["containerimage.digest"];
  await rm(folder, { recursive: true });
  return `${reference.split("@")[0]}@${digest}`;
}

/** A deployment that has everything to do: settings, image and alias. */
let memory = 1769;
const everythingNew = () => configure({ timeout: 31 }, ++memory);

test("before the first deployment a plan shows every field, writes nothing and exits 2", async () => {
  const { exitCode, stdout } = await run("deploy", "--plan");
  expect(exitCode).toBe(2);
  expect(stdout).toContain(`+ image: ${reference}`);
  expect(stdout).toContain("+ memory: 1769");
  expect(stdout).toContain("+ alias live: a new version");
  expect(proxy.asked.filter(isWriting)).toEqual([]);
});

test("deploy makes the function, checks its answers and gives the alias to version 1", async () => {
  const { exitCode, stdout, stderr } = await run("deploy");
  expect(stderr).toContain("checking the answers of version 1");
  expect(exitCode).toBe(0);
  expect(stdout).toBe(`arn:aws:lambda:us-east-1:000000000000:function:${name}:live`);
  expect(await alias()).toMatchObject({ FunctionVersion: "1" });
  await expectRightAnswer();
});

test("the same again: no writing call, no invocation, and it says so", async () => {
  const { exitCode, stdout, stderr } = await run("deploy");
  expect(exitCode).toBe(0);
  expect(stdout).toBe(`arn:aws:lambda:us-east-1:000000000000:function:${name}:live`);
  expect(stderr).toContain("nothing to do");
  expect(proxy.asked.filter((asked) => !asked.startsWith("GET "))).toEqual([]);
  expect(await run("deploy", "--plan")).toMatchObject({ exitCode: 0, stdout: "nothing would change" });
});

test("a version that answers wrongly gets no calls: exit 1 with the sample, and the alias answers as before", async () => {
  const { exitCode, stdout, stderr } = await run("deploy", "--image", await pushBroken());
  expect(exitCode).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/Version 2 of \S+: .*sample 1: The vector is .* away from the expected one/);
  expect(await alias()).toMatchObject({ FunctionVersion: "1" });
  await expectRightAnswer();
});

test("a canary gets its part of the calls, and the next deployment the rest", async () => {
  await configure({ timeout: 30 });
  expect(await run("deploy", "--canary", "10%")).toMatchObject({ exitCode: 0 });
  expect(await alias()).toMatchObject({
    FunctionVersion: "1",
    RoutingConfig: { AdditionalVersionWeights: { 3: 0.1 } },
  });
  expect(await run("deploy", "--canary", "10%", "--plan")).toMatchObject({ exitCode: 0 });
  expect(await run("deploy")).toMatchObject({ exitCode: 0 });
  expect(await alias()).toMatchObject({ FunctionVersion: "3", Description: "mkimage: live before: 1" });
  expect((await alias()).RoutingConfig).toBeUndefined();
});

test("rollback gives the alias back to the version that was live, not to the one before, in one call", async () => {
  expect(await versions()).toEqual(["1", "2", "3"]);
  const { exitCode, stderr } = await run("rollback");
  expect(exitCode).toBe(0);
  expect(stderr).toContain("version 1 again");
  expect(proxy.asked.filter(isWriting)).toHaveLength(1);
  expect(await alias()).toMatchObject({ FunctionVersion: "1" });
  await expectRightAnswer();
  expect(await run("rollback")).toMatchObject({ exitCode: 1 });
});

test("rollback takes a canary back", async () => {
  await run("deploy", "--canary", "5%");
  expect(await run("rollback")).toMatchObject({ exitCode: 0 });
  expect((await alias()).RoutingConfig).toBeUndefined();
  expect(await alias()).toMatchObject({ FunctionVersion: "1" });
});

test("a canary by steps gives all calls by itself", async () => {
  const steps = ["deploy", "--canary", "10%,50%", "--canary-wait"];
  const good = await run(...steps, "1s");
  expect(good, good.stderr).toMatchObject({ exitCode: 0 });
  for (const share of ["10 %", "50 %"]) expect(good.stderr).toContain(`version 3 has ${share} of the calls`);
  expect(await alias()).toMatchObject({ FunctionVersion: "3" });
  await run("rollback");
  expect(await alias()).toMatchObject({ FunctionVersion: "1" });
});

test.each([
  {
    measured: { Invocations: 40, Errors: 0, Duration: 4000 },
    why: /its calls took 100 ms on average, and may take 2 times the 10 ms of the live version/,
  },
  { measured: { Invocations: 40, Errors: 4, Duration: 400 }, why: /4 of \d+ calls failed, and 1 % may/ },
])("a canary by steps is taken back: $why", async ({ measured, why }) => {
  const bad = run("deploy", "--canary", "10%,50%", "--canary-wait", "1h");
  await vi.waitUntil(async () => (await alias()).RoutingConfig !== undefined, {
    timeout: 60_000,
    interval: 200,
  });
  const dimensions = { FunctionName: name, Resource: `${name}:live` };
  const calls = (ExecutedVersion: string, values: Readonly<Record<string, number>>) =>
    Object.entries(values).map(([MetricName, Value]) => ({
      MetricName,
      Value,
      Dimensions: Object.entries({ ...dimensions, ExecutedVersion }).map(([Name, value]) => ({
        Name,
        Value: value,
      })),
    }));
  await cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: "AWS/Lambda",
      MetricData: [...calls("1", { Invocations: 100, Errors: 0, Duration: 1000 }), ...calls("3", measured)],
    }),
  );
  const { exitCode, stderr } = await bad;
  expect(exitCode).toBe(1);
  expect(stderr).toContain("The canary was taken back: version 3 of");
  expect(stderr).toMatch(why);
  expect(await alias()).toMatchObject({ FunctionVersion: "1" });
  expect((await alias()).RoutingConfig).toBeUndefined();
  await expectRightAnswer();
});

test("URL, concurrency and tags follow the alias; a plan names them, and a URL that is closed loses its permissions", async () => {
  const settings = { url: { auth: "none" }, concurrency: { reserved: 3 }, tags: { team: "ml" } };
  await configure(settings);
  const { stdout } = await run("deploy", "--plan");
  expect(stdout).toMatch(/\+ tags\.team: ml\n.*\+ concurrency\.reserved: 3\n.*\+ url\.auth: none/);
  expect(await run("deploy")).toMatchObject({ exitCode: 0 });
  expect(await run("deploy", "--plan")).toMatchObject({ exitCode: 0 });
  const policy = () => lambda.send(new GetPolicyCommand({ FunctionName: name, Qualifier: "live" }));
  expect(JSON.parse((await policy()).Policy ?? "")).toMatchObject({
    Statement: [
      {
        Action: "lambda:InvokeFunctionUrl",
        Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "NONE" } },
      },
      { Action: "lambda:InvokeFunction", Condition: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } } },
    ],
  });
  await configure({ ...settings, url: { auth: "iam" } });
  expect(await run("deploy")).toMatchObject({ exitCode: 0 });
  await expect(policy()).rejects.toThrow("No policy");
  expect(await run("deploy", "--plan")).toMatchObject({ exitCode: 0 });
});

test("status shows what is live, and logs what it has written", async () => {
  const [status] = JSON.parse((await run("status", "--json")).stdout);
  expect(status).toMatchObject({
    function: name,
    state: "Active",
    version: (await alias()).FunctionVersion,
    image: reference,
    description: "mkimage 1.0-alpine-amd64",
  });
  expect((await run("status")).stdout).toContain("1.0-alpine-amd64");
  expect((await run("logs", "--since", "1h")).stdout).toContain("REPORT RequestId");
  expect((await run("logs", "--since", "1h", "--filter", "nothing has this")).stdout).toBe("");
});

test("clean removes what nothing names, and only says so with --dry-run", async () => {
  await everythingNew();
  await run("deploy");
  const all = await versions();
  const dry = await run("clean", "--keep", "0", "--images", "--dry-run");
  expect(dry.exitCode, dry.stderr).toBe(0);
  expect(await versions()).toEqual(all);
  expect((await run("clean", "--keep", "0", "--images")).stdout).toMatch(
    /^removed [1-9]\d* versions?, 1 image$/,
  );
  const { FunctionVersion = "", Description = "" } = await alias();
  expect(await versions()).toEqual([...(Description.match(/\d+/g) ?? []).reverse(), FunctionVersion]);
  await expectRightAnswer();
  expect(await run("rollback")).toMatchObject({ exitCode: 0 });
  await expectRightAnswer();
});

test("a version beyond its gates gets no calls: exit 1 with each figure, and the alias answers as before", async () => {
  await everythingNew();
  const before = await alias();
  await configure({ timeout: 31, gates: { coldMs: 1, warmMs: 60_000, slowdown: 1000 } }, memory);
  for (const _ of ["new, with a cold start", "known, and warm"]) {
    const { exitCode, stdout, stderr } = await run("deploy");
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/does not pass its gates\n {2}cold start: \d+ ms, 1.0 ms is allowed/);
    expect(stderr).not.toContain("warm answer");
  }
  expect(await alias()).toEqual({ ...before, $metadata: expect.anything() });
  await expectRightAnswer();
});

test("release builds, tests, pushes and deploys in one run, and writes a record; the same again changes nothing", async () => {
  await everythingNew();
  const record = join(project.folder, "release.json");
  const { exitCode, stdout, stderr } = await run("release", "--record", record);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toBe(`arn:aws:lambda:us-east-1:000000000000:function:${name}:live`);
  const { FunctionVersion } = await alias();
  const [digest] = reference.split("@").slice(1);
  expect(JSON.parse(await readFile(record, "utf8"))).toMatchObject({
    functions: [
      {
        function: name,
        version: FunctionVersion,
        changed: true,
        digest,
        platform: "linux/amd64",
        models: [{ name: MODEL, task: "feature-extraction", digest: expect.stringMatching(/^sha256:/) }],
        figures: { warmMs: expect.any(Number) },
      },
    ],
  });
  await expectRightAnswer();
  proxy.asked.length = 0;
  const again = JSON.parse((await run("release", "--json")).stdout);
  expect(again.functions).toMatchObject([{ version: FunctionVersion, changed: false, figures: null }]);
  expect(proxy.asked.filter((asked) => !asked.startsWith("GET "))).toEqual([]);
});

test.each([
  {
    what: "of another architecture",
    args: ["--arch", "arm64"],
    says: /is for amd64, and the function is to be arm64/,
  },
  { what: "that is not there", digest: `sha256:${"0".repeat(64)}`, says: /is not in the registry/ },
])("an image $what is refused before anything is changed", async ({ args = [], digest, says }) => {
  await everythingNew();
  const named = digest ? `${reference.split("@")[0]}@${digest}` : reference;
  const { exitCode, stderr } = await run("deploy", "--image", named, ...args);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(says);
  expect(proxy.asked).toEqual([]);
});

test("a role that does not exist is said, and no function is left", async () => {
  const fresh = `${name}-fresh`;
  const deploy = { os: "alpine", arch: "amd64", role: "arn:aws:iam::000000000000:role/nobody" };
  await project.writeConfig({ functions: { [fresh]: { model: MODEL, deploy } } });
  const { exitCode, stderr } = await run("deploy", "--image", reference);
  expect(exitCode).toBe(3);
  expect(stderr).toContain("The execution role does not exist");
  const input = { FunctionName: fresh };
  await expect(lambda.send(new GetFunctionConfigurationCommand(input))).rejects.toThrow("not found");
});
