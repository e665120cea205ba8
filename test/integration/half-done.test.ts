/**
 * Faults between mkimage and AWS, and `kill -9`, at every point where a push or a deployment changes something: nothing is
 * half done then, and the next run comes to the end. Each point is tried once, before or after it; FAULTS=all tries all of
 * both (`make bench-faults`). The table of them is printed.
 */
import { createHash } from "node:crypto";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteRepositoryCommand, DescribeImagesCommand, ECRClient } from "@aws-sdk/client-ecr";
import {
  type AliasConfiguration,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListVersionsByFunctionCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { expectAliasAnswer } from "../support/alias-answer.ts";
import { awsKeys, createRole, startAws } from "../support/aws.ts";
import { docker, dockerLines } from "../support/engine.ts";
import { type Fate, type FaultyProxy, isWriting, startFaultyProxy } from "../support/faulty-proxy.ts";
import { mkimage, startMkimage } from "../support/mkimage.ts";
import { MODEL, makeProject, type Project } from "../support/project.ts";

let endpoint: string;
let proxy: FaultyProxy;
let project: Project;
let role: string;
let lambda: LambdaClient;
let ecr: ECRClient;
/** Repositories and functions that a test has made. */
const repositories = new Set<string>();
const functions = new Set<string>();
const rows: string[][] = [];

const CELL = ["--os", "alpine", "--arch", "amd64"];
/** Lambda is behind the proxy, and ECR too where a push is looked at. */
const lambdaEnv = () => ({
  ...awsKeys(),
  AWS_ENDPOINT_URL: endpoint,
  AWS_ENDPOINT_URL_LAMBDA: proxy.endpoint,
});
const pushEnv = () => ({ ...awsKeys(), AWS_ENDPOINT_URL: proxy.endpoint });

type Command = readonly [args: readonly string[], env: () => NodeJS.ProcessEnv];
const start = ([args, env]: Command) => startMkimage(args, { cwd: project.folder, env: env() });
const run = ([args, env]: Command) => mkimage(args, { cwd: project.folder, env: env() });
const deployment = (...more: string[]): Command => [["deploy", ...more], lambdaEnv];
const push = (repository: string, ...more: string[]): Command => [
  ["push", ...CELL, "--repository", repository, ...more],
  pushEnv,
];

/** The project's function, or one of another name, with what a deployment has to bring about. */
const configure = (
  name: string,
  {
    memory = 1769,
    os = "alpine",
    immutable = false,
  }: { memory?: number; os?: "alpine" | "debian"; immutable?: boolean } = {},
) =>
  project.writeConfig({
    functions: {
      [name]: { model: MODEL, memory, deploy: { os, arch: "amd64", role, tags: { memory: `${memory}` } } },
    },
    repository: project.repository,
    version: "1.0",
    // The emulator takes tags for mutable where there are exclusions.
    ...(immutable && { ecr: { tagMutability: "immutable", exclusions: [] } }),
  });

beforeAll(async () => {
  endpoint = await startAws();
  proxy = await startFaultyProxy(endpoint);
  project = await makeProject();
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  lambda = new LambdaClient({ endpoint, region: "us-east-1", credentials });
  ecr = new ECRClient({ endpoint, region: "us-east-1", credentials });
  role = await createRole(endpoint, project.function);
  functions.add(project.function);
  repositories.add(project.repository);
  await configure(project.function);
  const both = ["push", "--os", "alpine,debian", "--arch", "amd64"];
  for (const command of [[both, lambdaEnv], deployment()] as const) {
    const { exitCode, stderr } = await run(command);
    expect(exitCode, stderr).toBe(0);
  }
});

beforeEach(() => {
  proxy.asked.length = 0;
  proxy.fate = () => "pass";
  proxy.lost = () => {};
});

afterAll(async () => {
  for (const name of functions) {
    await lambda.send(new DeleteFunctionCommand({ FunctionName: name })).catch(() => {});
    const filter = `label=mkimage.function=${project.function}`;
    const containers = await dockerLines("ps", "--all", "--quiet", "--filter", filter);
    if (containers.length > 0) await docker("rm", "--force", "--volumes", ...containers);
  }
  for (const repositoryName of repositories)
    await ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true })).catch(() => {});
  await project.remove();
  await proxy[Symbol.asyncDispose]();
  const table = [
    ["command", "fault", "right after it", "the next run"],
    ["---", "---", "---", "---"],
    ...rows,
  ];
  console.log(table.map((cells) => `| ${cells.join(" | ")} |`).join("\n"));
});

/** The emulator keeps the layers of a repository that is removed: each test has one of its own. */
function newRepository(): string {
  const name = `${project.repository}-${repositories.size}`;
  repositories.add(name);
  return name;
}

/** A manifest and all that it names, by their digests: what a tag names must be there, byte for byte. */
async function expectWhole(repository: string, digest: string): Promise<void> {
  const at = `${endpoint}/v2/${repository}`;
  const answer = await fetch(`${at}/manifests/${digest}`);
  const manifest = Buffer.from(await answer.arrayBuffer());
  expect(`sha256:${createHash("sha256").update(manifest).digest("hex")}`).toBe(digest);
  const { config, layers } = JSON.parse(manifest.toString());
  for (const each of [config, ...layers]) {
    const blob = await fetch(`${at}/blobs/${each.digest}`, { method: "HEAD" });
    expect([blob.status, Number(blob.headers.get("content-length"))], each.digest).toEqual([200, each.size]);
  }
}

const WHOLE = "1 tag, its image whole";

/** What a repository holds, in words; fails for a tag that names something incomplete. */
async function repositoryState(repositoryName: string): Promise<string> {
  const found = await ecr.send(new DescribeImagesCommand({ repositoryName })).catch((error: Error) => {
    if (error.name === "RepositoryNotFoundException") return undefined;
    throw error;
  });
  if (!found) return "no repository";
  const tagged = (found.imageDetails ?? []).filter(({ imageTags = [] }) => imageTags.length > 0);
  for (const { imageDigest = "" } of tagged) await expectWhole(repositoryName, imageDigest);
  expect(tagged.length).toBeLessThanOrEqual(1);
  return tagged.length === 0 ? "a repository without tags" : WHOLE;
}

const aliasOf = (name: string): Promise<AliasConfiguration | undefined> =>
  lambda.send(new GetAliasCommand({ FunctionName: name, Name: "live" })).catch((error: Error) => {
    if (error.name === "ResourceNotFoundException") return undefined;
    throw error;
  });

const weightsOf = (alias: AliasConfiguration | undefined) =>
  Object.entries(alias?.RoutingConfig?.AdditionalVersionWeights ?? {});

async function versionsOf(name: string): Promise<string[]> {
  const command = new ListVersionsByFunctionCommand({ FunctionName: name });
  const found = await lambda.send(command).catch((error: Error) => {
    if (error.name === "ResourceNotFoundException") return undefined;
    throw error;
  });
  return (found?.Versions ?? []).map(({ Version = "" }) => Version).filter((each) => each !== "$LATEST");
}

/** A caller of the alias gets the right embedding, from one of these versions. */
async function expectAnswer(name: string, versions: readonly string[]): Promise<void> {
  expect(versions).toContain(await expectAliasAnswer(lambda, name, project.folder));
}

/** What there is of a function beside its versions before, in words; fails when a caller would not get an answer. */
async function functionState(name: string, before: readonly string[], old?: string): Promise<string> {
  const alias = await aliasOf(name);
  const fresh = (await versionsOf(name)).filter((version) => !before.includes(version));
  expect(fresh.length).toBeLessThanOrEqual(1);
  if (!alias) {
    expect(old, "an alias that was there").toBeUndefined();
    const there = await lambda
      .send(new GetFunctionConfigurationCommand({ FunctionName: name }))
      .catch(() => undefined);
    return !there ? "no function" : fresh.length > 0 ? "a version, no alias" : "a function, no version";
  }
  const weights = weightsOf(alias);
  const live = alias.FunctionVersion ?? "";
  await expectAnswer(name, [live, ...weights.map(([version]) => version)]);
  if (live !== old) {
    expect([[live], weights]).toEqual([fresh, []]);
    return "alias: the new version";
  }
  const [share] = weights;
  if (share) return `alias: the old version, ${share[1] * 100} % of the calls the new one`;
  return `alias: the old version${fresh.length > 0 ? "; the new one is there" : ""}`;
}

/** Where a run is killed: at its n-th request of this form. */
interface Point {
  readonly what: string;
  readonly asked: RegExp;
  readonly nth?: number;
}
const MOMENTS = ["before", "after"] as const;
type Moment = (typeof MOMENTS)[number];

/**
 * Starts a command and kills it and what it has started, before such a request arrives or when it is done and not yet answered.
 * From then on nothing gets through: nothing is left of the run that could go on. Fails when the command never gets there.
 */
async function killedAt(command: Command, moment: Moment, { asked, nth = 1 }: Point): Promise<void> {
  let count = 0;
  let isDown = false;
  const started = start(command);
  const reached = new Promise<void>((resolve) => {
    const kill = () => {
      isDown = true;
      process.kill(-(started.pid as number), "SIGKILL");
      resolve();
    };
    proxy.fate = (each) => {
      if (isDown) return "drop";
      if (!asked.test(each)) return "pass";
      count += 1;
      if (count < nth) return "pass";
      if (moment === "after") return "lose";
      kill();
      return "drop";
    };
    proxy.lost = kill;
  });
  const early = started.then(({ exitCode, stderr }) => {
    if (!isDown) throw new Error(`ended with ${exitCode} before it got there:\n${stderr}`);
  });
  await Promise.race([reached, early]);
  await started;
}

/** The same command again: it comes to its end, and says with how many calls that change something. */
async function goesOn(command: Command): Promise<string> {
  proxy.fate = () => "pass";
  proxy.lost = () => {};
  proxy.asked.length = 0;
  const { exitCode, stderr } = await run(command);
  expect(exitCode, stderr).toBe(0);
  return "goes on, exit 0";
}

const ALL = process.env["FAULTS"] === "all";

const each = (points: readonly Point[]) =>
  points.flatMap((point, index) =>
    MOMENTS.filter((_, at) => ALL || at === index % 2).map((moment) => ({ ...point, moment })),
  );

/** One fault of each kind, or all of them. */
const oneOfEach = <T extends { readonly fate: Fate }>(faults: readonly T[]): T[] =>
  faults.filter(({ fate }, index) => ALL || faults.findIndex((other) => other.fate === fate) === index);

const PUSH_POINTS: readonly Point[] = [
  { what: "creating the repository", asked: /\.CreateRepository$/ },
  { what: "sending a layer", asked: /^(?:POST|PATCH|PUT) \/v2\/\S+\/blobs\/uploads/, nth: 2 },
  { what: "writing manifest and tag", asked: /^PUT \/v2\/\S+\/manifests\// },
];

test.each(each(PUSH_POINTS))("push killed $moment $what", async (point) => {
  const repository = newRepository();
  await configure(project.function);
  await killedAt(push(repository), point.moment, point);
  const state = await repositoryState(repository);
  const next = await goesOn(push(repository));
  expect(await repositoryState(repository)).toBe(WHOLE);
  rows.push(["push", `kill -9 ${point.moment} ${point.what}`, state, next]);
});

const FIRST_POINTS: readonly Point[] = [
  { what: "creating the function", asked: /^POST \S+\/functions$/ },
  { what: "publishing version 1", asked: /^POST \S+\/versions$/ },
  { what: "checking the answers", asked: /^POST \S+\/invocations/ },
  { what: "creating the alias", asked: /^POST \S+\/aliases$/ },
];

test.each(each(FIRST_POINTS))("a first deployment killed $moment $what", async (point) => {
  const name = `${project.function}-${functions.size}`;
  functions.add(name);
  const reference = await pushedReference();
  await configure(name);
  const command = deployment("--image", reference);
  await killedAt(command, point.moment, point);
  const state = await functionState(name, []);
  const next = await goesOn(command);
  expect(await versionsOf(name)).toEqual(["1"]);
  expect(await aliasOf(name)).toMatchObject({ FunctionVersion: "1" });
  await expectAnswer(name, ["1"]);
  expect((await run(deployment("--image", reference, "--plan"))).exitCode).toBe(0);
  rows.push(["deploy, first", `kill -9 ${point.moment} ${point.what}`, state, next]);
});

/** The image for Alpine that the project has pushed. */
async function pushedReference(): Promise<string> {
  const { imageDetails } = await ecr.send(
    new DescribeImagesCommand({
      repositoryName: project.repository,
      imageIds: [{ imageTag: "1.0-alpine-amd64" }],
    }),
  );
  return `${new URL(endpoint).host}/${project.repository}@${imageDetails?.[0]?.imageDigest}`;
}

const UPDATE_POINTS: readonly Point[] = [
  { what: "updating the settings", asked: /^PUT \S+\/configuration$/ },
  { what: "updating the image", asked: /^PUT \S+\/code$/ },
  { what: "publishing the version", asked: /^POST \S+\/versions$/ },
  { what: "checking the answers", asked: /^POST \S+\/invocations/ },
  { what: "giving it 10 % of the calls", asked: /^PUT \S+\/aliases\/live$/ },
  { what: "giving it 50 % of the calls", asked: /^PUT \S+\/aliases\/live$/, nth: 2 },
  { what: "giving it all calls", asked: /^PUT \S+\/aliases\/live$/, nth: 3 },
  { what: "setting the tags", asked: /^POST \/2017-03-31\/tags\// },
];

/** What the next deployment has to bring about: settings and image are others each time. */
let memory = 1769;
const everythingNew = async () => {
  memory += 1;
  await configure(project.function, { memory, os: memory % 2 === 0 ? "debian" : "alpine" });
};

test.each(each(UPDATE_POINTS))("an update by steps killed $moment $what", async (point) => {
  const name = project.function;
  await everythingNew();
  const before = await versionsOf(name);
  const { FunctionVersion: old } = (await aliasOf(name)) ?? {};
  const command = deployment("--canary", "10%,50%", "--canary-wait", "1s");
  await killedAt(command, point.moment, point);
  const state = await functionState(name, before, old);
  const next = await goesOn(command);
  await expectUpdated(before, old);
  rows.push(["deploy --canary", `kill -9 ${point.moment} ${point.what}`, state, next]);
});

/** One more version, which has all calls; the record names the one before it; there is nothing left to do. */
async function expectUpdated(before: readonly string[], old: string | undefined): Promise<void> {
  const name = project.function;
  const [version, ...others] = (await versionsOf(name)).filter((each) => !before.includes(each));
  expect(others).toEqual([]);
  const alias = await aliasOf(name);
  expect(alias).toMatchObject({ FunctionVersion: version });
  expect(alias?.Description).toMatch(new RegExp(`^mkimage: live before: ${old}\\b`));
  expect(weightsOf(alias)).toEqual([]);
  await expectAnswer(name, [version ?? ""]);
  expect((await run(deployment("--plan"))).exitCode).toBe(0);
}

/** Gives a fate to the first requests of each kind. */
function failing(fate: Fate, times: number, which: RegExp): Map<string, number> {
  const failed = new Map<string, number>();
  proxy.fate = (asked) => {
    const kind = asked.replace(/[0-9a-f-]{32,}/g, "…");
    const count = failed.get(kind) ?? 0;
    if (count >= times || !which.test(asked)) return "pass";
    failed.set(kind, count + 1);
    return fate;
  };
  return failed;
}

const API = /^POST \/ /;
const REGISTRY = /^(?:POST|PATCH|PUT|HEAD) \/v2\//;

interface Fault {
  readonly what: string;
  readonly fate: Fate;
  /** How often a request of one kind fails. */
  readonly times: number;
  readonly which: RegExp;
  readonly exit: 0 | 3;
}

const PUSH_FAULTS: readonly Fault[] = [
  { what: "each call of ECR's API throttled twice", fate: "throttle", times: 2, which: API, exit: 0 },
  { what: "each call of ECR's API answered twice by 500", fate: "error", times: 2, which: API, exit: 0 },
  { what: "the answer of each call of ECR's API lost", fate: "lose", times: 1, which: API, exit: 0 },
  { what: "each request of the registry throttled", fate: "throttle", times: 1, which: REGISTRY, exit: 0 },
  { what: "each request of the registry answered by 500", fate: "error", times: 1, which: REGISTRY, exit: 0 },
  {
    what: "the connection of each request of the registry cut",
    fate: "drop",
    times: 1,
    which: REGISTRY,
    exit: 0,
  },
  {
    what: "the registry's token expired",
    fate: "expire",
    times: 99,
    which: REGISTRY,
    exit: 3,
  },
  {
    what: "credentials expired before the tag is looked up",
    fate: "expire",
    times: 99,
    which: /\.DescribeImages$/,
    exit: 3,
  },
];

test.each(oneOfEach(PUSH_FAULTS))("push: $what", async ({ what, fate, times, which, exit }) => {
  const repository = newRepository();
  await configure(project.function);
  const failed = failing(fate, times, which);
  const done = await run(push(repository));
  expect(failed.size).toBeGreaterThan(0);
  expect(done.exitCode, done.stderr).toBe(exit);
  if (fate === "expire") expect(done.stderr).toMatch(/expired/);
  const state = await repositoryState(repository);
  const next = await goesOn(push(repository));
  const sent = proxy.asked.filter((asked) => /^(?:PUT|PATCH) \/v2\//.test(asked));
  expect(sent.length > 0).toBe(exit !== 0);
  expect(await repositoryState(repository)).toBe(WHOLE);
  rows.push(["push", what, `exit ${exit}; ${state}`, exit === 0 ? "nothing to do, exit 0" : next]);
});

const DEPLOY_FAULTS: readonly Fault[] = [
  { what: "each call throttled twice", fate: "throttle", times: 2, which: /^(?!.*invocations)/, exit: 0 },
  { what: "each call answered twice by 500", fate: "error", times: 2, which: /^(?!.*invocations)/, exit: 0 },
  { what: "the answer of each call lost", fate: "lose", times: 1, which: /^(?!.*invocations)/, exit: 0 },
  {
    what: "credentials expired before the alias moves",
    fate: "expire",
    times: 99,
    which: /^PUT \S+\/aliases\/live$/,
    exit: 3,
  },
  {
    what: "credentials expired after the version is published",
    fate: "expire",
    times: 99,
    which: /invocations/,
    exit: 3,
  },
];

test.each(oneOfEach(DEPLOY_FAULTS))("deploy: $what", async ({ what, fate, times, which, exit }) => {
  const name = project.function;
  await everythingNew();
  const before = await versionsOf(name);
  const { FunctionVersion: old } = (await aliasOf(name)) ?? {};
  const failed = failing(fate, times, which);
  const done = await run(deployment());
  expect(done.exitCode, done.stderr).toBe(exit);
  if (exit !== 0) expect(done.stderr).toContain("The AWS credentials have expired");
  expect([...failed.keys()].length).toBeGreaterThan(0);
  const state = await functionState(name, before, old);
  const next = await goesOn(deployment());
  const writes = proxy.asked.filter(isWriting);
  if (exit === 0) expect(writes).toEqual([]);
  await expectUpdated(before, old);
  rows.push(["deploy", what, `exit ${exit}; ${state}`, exit === 0 ? "nothing to do, exit 0" : next]);
});

test("two pushes of one image at a time: both are done, and it is there once", async () => {
  const repository = newRepository();
  await configure(project.function);
  const both = await Promise.all([run(push(repository)), run(push(repository))]);
  expect(both, both.map(({ stderr }) => stderr).join("\n")).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
  expect(both[0]?.stdout).toBe(both[1]?.stdout);
  expect(await repositoryState(repository)).toBe(WHOLE);
  rows.push(["push, two at a time", "the same image", `both exit 0; ${WHOLE}`, "nothing to do, exit 0"]);
});

const MANIFEST_OF_TAG = /^PUT \/v2\/\S+\/manifests\/1\.0-/;

test("two pushes of different images at one tag: one has it, the other ends with exit 1", async () => {
  const repository = newRepository();
  const other = await mkdtemp(join(tmpdir(), "mkimage-other-"));
  try {
    await configure(project.function, { immutable: true });
    await writeFile(join(project.folder, "package.json"), JSON.stringify({ name: project.function }));
    await cp(project.folder, other, { recursive: true });
    const [args, env] = push(repository);
    // The other image differs by its time.
    const runs = [
      { cwd: project.folder, env: env() },
      { cwd: other, env: { ...env(), SOURCE_DATE_EPOCH: "1700000000" } },
    ];
    // Each is tested first, elsewhere: the engine of one machine has one image of a name.
    for (const each of runs) {
      const tested = await mkimage(push(newRepository())[0], each);
      expect(tested.exitCode, tested.stderr).toBe(0);
    }
    // Both have seen that the tag is free before one of them gives it to its image.
    const bothThere = Promise.withResolvers<"pass">();
    let writers = 0;
    proxy.fate = (asked) => {
      if (!MANIFEST_OF_TAG.test(asked)) return "pass";
      writers += 1;
      if (writers === 2) bothThere.resolve("pass");
      return bothThere.promise;
    };
    const both = await Promise.all(
      runs.map((each) => mkimage(args, each).finally(() => bothThere.resolve("pass"))),
    );
    const told = both.map(({ stderr }) => stderr).join("\n");
    expect(both.map(({ exitCode }) => exitCode).sort(), told).toEqual([0, 1]);
    expect(told).toContain("is another image");
    expect(await repositoryState(repository)).toBe(WHOLE);
    const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName: repository }));
    const tagged = imageDetails?.find(({ imageTags = [] }) => imageTags.length > 0);
    expect(both.find(({ exitCode }) => exitCode === 0)?.stdout).toContain(`${tagged?.imageDigest}`);
    rows.push([
      "push, two at a time",
      "another image, the same tag",
      `exit 0 and exit 1; ${WHOLE}`,
      "with another version, exit 0",
    ]);
    for (const loser of runs.filter((_, index) => both[index]?.exitCode !== 0)) {
      const next = await mkimage([...args, "--image-version", "2.0"], loser);
      expect(next.exitCode, next.stderr).toBe(0);
    }
  } finally {
    await rm(other, { recursive: true });
    await rm(join(project.folder, "package.json"));
  }
});

test("clean leaves the versions that the alias and its record name, and no other", async () => {
  const name = project.function;
  const { exitCode, stderr } = await run([["clean", "--keep", "0"], lambdaEnv]);
  expect(exitCode, stderr).toBe(0);
  const { FunctionVersion = "", Description = "" } = (await aliasOf(name)) ?? {};
  const named = [FunctionVersion, ...(Description.match(/\d+/g) ?? [])].map(Number).sort((a, b) => a - b);
  expect((await versionsOf(name)).map(Number).sort((a, b) => a - b)).toEqual(named);
  await expectAnswer(name, [FunctionVersion]);
});
