import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteRepositoryCommand, ECRClient } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, expect, test } from "vitest";
import { awsKeys, startAws } from "../support/aws.ts";
import { cacheWithout } from "../support/cache.ts";
import { type Distribution, loginTo, startDistribution } from "../support/distribution.ts";
import { type FaultyProxy, startFaultyProxy } from "../support/faulty-proxy.ts";
import { type Finished, startMkimage } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";

const CELL = ["--os", "alpine", "--arch", "amd64"];
const TAG = "1.0-alpine-amd64";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

let project: Project;
let registry: Distribution;
let proxy: FaultyProxy;
/** The proxy's: what mkimage, Docker and the builder know. */
let host: string;
let endpoint: string;
let folder: string;
let cache: string;

/** The user's own settings of Docker (its builders, above all) with other logins. */
async function dockerFolder(name: string, settings: object): Promise<string> {
  const own = process.env["DOCKER_CONFIG"] ?? join(homedir(), ".docker");
  const made = join(folder, name);
  await mkdir(made);
  for (const entry of await readdir(own)) {
    if (entry !== "config.json") await symlink(join(own, entry), join(made, entry));
  }
  await writeFile(join(made, "config.json"), JSON.stringify(settings));
  return made;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mkimage-registries-"));
  cache = await cacheWithout(["images", "tested"], folder);
  project = await makeProject({ version: "1.0" });
  registry = await startDistribution({ login: true });
  proxy = await startFaultyProxy(`http://${registry.host}`);
  host = new URL(proxy.endpoint).host;
  endpoint = await startAws();
  await dockerFolder("without", {});
  await dockerFolder("wrong", {
    auths: { [host]: { auth: Buffer.from("tester:other").toString("base64") } },
  });
  await dockerFolder("docker", loginTo(host));
});

afterAll(async () => {
  const ecr = new ECRClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const repository = { repositoryName: project.repository, force: true };
  await ecr.send(new DeleteRepositoryCommand(repository)).catch(() => {});
  await proxy?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  await project?.remove();
  await rm(folder, { recursive: true, force: true });
});

const start = (args: readonly string[], docker = "docker") =>
  startMkimage(["push", ...CELL, "--registry", `${host}/team`, ...args], {
    cwd: project.folder,
    env: {
      ...awsKeys(),
      AWS_ENDPOINT_URL: endpoint,
      MKIMAGE_CACHE: cache,
      DOCKER_CONFIG: join(folder, docker),
    },
  });

async function push(args: readonly string[], docker?: string): Promise<Finished> {
  const { exitCode, stdout, stderr } = await start(args, docker);
  return { exitCode, stdout, stderr };
}

/** What the registry has under a tag or a digest. */
const manifest = async (reference: string) => {
  const found = await registry.ask(`team/${project.repository}`, `manifests/${reference}`, {
    headers: { accept: `${MANIFEST}, application/vnd.oci.image.index.v1+json` },
  });
  return { digest: found.headers.get("docker-content-digest"), text: await found.text() };
};

test.each([
  ["without", "Docker has no login for it: docker login"],
  ["wrong", "It does not take these credentials. Renew them: docker login"],
])("%s a login: exit 3 with the command to log in, before anything is built", async (docker, hint) => {
  const { exitCode, stdout, stderr } = await push([], docker);
  expect(stderr).toBe(
    `mkimage: Cannot push to ${host}: it answers 401 (UNAUTHORIZED: authentication required)\n${hint} ${host}`,
  );
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
});

interface PushedRow {
  readonly reference: string;
  readonly digest: string;
  readonly sent: boolean;
  readonly attestations: { readonly provenance: string };
}

let pushed: PushedRow[];
const BOTH = ["--registry", "us-east-1", "--provenance", "--json"];

test("to ECR and to a registry with Docker's login in one run, one digest; a registry that is asked too often is waited for", async () => {
  proxy.fate = (asked) => (/^(?:PATCH|PUT) .*\/blobs\/uploads\//.test(asked) ? "throttle" : "pass");
  const run = start(BOTH);
  const says = `${host} allows no more requests for now: waiting`;
  run.stderr.on("data", (piece: Buffer) => {
    // BuildKit's own attempts are over.
    if (piece.includes(says)) proxy.fate = () => "pass";
  });
  const { exitCode, stdout, stderr } = await run;
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toContain(says);
  pushed = JSON.parse(stdout);
  const [first] = pushed as [PushedRow];
  const { digest } = first;
  expect(pushed).toMatchObject([
    { reference: `${host}/team/${project.repository}@${digest}`, digest, sent: true, tag: TAG },
    { reference: `${new URL(endpoint).host}/${project.repository}@${digest}`, digest, sent: true, tag: TAG },
  ]);
  expect((await manifest(TAG)).digest).toBe(digest);
  const listed = JSON.parse((await manifest(digest.replace(":", "-"))).text);
  expect(listed.manifests, "Distribution 2 has no referrers API").toMatchObject([
    { artifactType: "application/vnd.in-toto+json", digest: first.attestations.provenance },
  ]);
  const artifact = JSON.parse((await manifest(first.attestations.provenance)).text);
  expect(artifact.subject.digest).toBe(digest);
});

test("the same again sends nothing and prints the same", async () => {
  const before = proxy.asked.length;
  const { exitCode, stdout, stderr } = await push(BOTH);
  expect(exitCode, stderr).toBe(0);
  expect(JSON.parse(stdout)).toEqual(pushed.map((row) => ({ ...row, sent: false })));
  const writing = proxy.asked.slice(before).filter((asked) => !/^(?:GET|HEAD) /.test(asked));
  const methods = writing.map((asked) => asked.split(" ")[0]);
  expect(methods, "whether it may push, before and after the login").toEqual(["POST", "POST", "DELETE"]);
});

test("a tag that belongs to another image stays: exit 1; it is moved where mkimage.json says that tags are mutable", async () => {
  const [{ digest } = { digest: "" }] = pushed;
  const { text } = await manifest(TAG);
  await registry.ask(`team/${project.repository}`, `manifests/${TAG}`, {
    method: "PUT",
    body: `${text}\n`,
    headers: { "content-type": MANIFEST },
  });
  const other = (await manifest(TAG)).digest;
  expect(other).not.toBe(digest);
  const refused = await push([]);
  expect(refused.stderr).toContain(
    `mkimage: ${host}/team/${project.repository}:${TAG} is another image, ${other}, and cannot be moved\n`,
  );
  expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
  await project.writeConfig({
    functions: { [project.function]: { model: "paraphrase-minilm-l3" } },
    repository: "mkimage-test/<function>",
    version: "1.0",
    ecr: { tagMutability: "mutable" },
  });
  const moved = await push([]);
  expect(moved, moved.stderr).toMatchObject({
    exitCode: 0,
    stdout: `${host}/team/${project.repository}@${digest}`,
  });
  expect((await manifest(TAG)).digest).toBe(digest);
});
