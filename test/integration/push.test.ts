import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetRepositoryPolicyCommand,
  PutImageTagMutabilityCommand,
} from "@aws-sdk/client-ecr";
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  InvokeCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { compareVector } from "../../build/smoke/checks/feature-extraction.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { AWS_REGION, createRole, NO_AWS, startAws } from "../support/aws.ts";
import { cacheWithout } from "../support/cache.ts";
import { denied, fakeEcr } from "../unit/build/clients/fake-ecr.ts";

const NAME = `push-${randomBytes(4).toString("hex")}`;
const REPOSITORY = `mkimage-test/${NAME}`;
const TAG = "1.0-alpine-amd64";
const MODEL = "paraphrase-minilm-l3";
const SECRET = "secret-of-the-test";
const KEYS = { AWS_REGION, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: SECRET };
/** Stands before docker: notes its arguments, its environment and the settings that it was given, then calls it. */
const recorder = (folder: string) => `#!/bin/bash
log=$(mktemp "${folder}/call-XXXXXX")
{ echo "args $*"; ps -eo args; } >"$log"
env >"$log.env"
if [[ "$DOCKER_CONFIG" == */mkimage-docker-* ]]; then stat -c %a "$DOCKER_CONFIG" "$DOCKER_CONFIG/config.json" >"$log.modes"; cp "$DOCKER_CONFIG/config.json" "$log.json"; fi
PATH=\${PATH#*:} exec docker "$@"
`;

let endpoint: string;
let folder: string;
/** What is recorded of images is this test's alone: another one may remove the layers that a record speaks of. */
let cache: string;
let records: string;
let lambda: LambdaClient;
let ecr: ECRClient;

beforeAll(async () => {
  endpoint = await startAws();
  folder = await mkdtemp(join(tmpdir(), "mkimage-push-"));
  records = join(folder, "records");
  cache = await cacheWithout(["images", "tested"], folder);
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "bin/docker"), recorder(records), { mode: 0o755 });
  await writeFile(
    join(folder, "mkimage.json"),
    JSON.stringify({
      functions: { [NAME]: { model: MODEL } },
      repository: "mkimage-test/<function>",
      version: "1.0",
    }),
  );
  await cp(join(TOOL_ROOT, "models"), join(folder, "models"), { recursive: true });
  const credentials = { accessKeyId: KEYS.AWS_ACCESS_KEY_ID, secretAccessKey: SECRET };
  ecr = new ECRClient({ endpoint, region: KEYS.AWS_REGION, credentials });
  lambda = new LambdaClient({ endpoint, region: KEYS.AWS_REGION, credentials });
});

beforeEach(async () => {
  await rm(records, { recursive: true, force: true });
  await mkdir(records);
});

afterAll(async () => {
  await lambda.send(new DeleteFunctionCommand({ FunctionName: NAME })).catch(() => {});
  await ecr.send(new DeleteRepositoryCommand({ repositoryName: REPOSITORY, force: true })).catch(() => {});
  const images = await execa(
    "docker",
    ["images", "--quiet", "--no-trunc", "--filter", `label=mkimage.function=${NAME}`],
    { lines: true },
  );
  for (const image of new Set(images.stdout)) {
    const { stdout } = await execa("docker", ["ps", "--all", "--quiet", "--filter", `ancestor=${image}`], {
      lines: true,
    });
    if (stdout.length > 0) await execa("docker", ["rm", "--force", "--volumes", ...stdout]);
    await execa("docker", ["rmi", "--force", image]);
  }
  await rm(folder, { recursive: true, force: true });
});

/** `mkimage push` of one native image, as a user calls it. */
function push(env: NodeJS.ProcessEnv, ...more: string[]) {
  return execa(
    process.execPath,
    [
      join(TOOL_ROOT, "build/cli.ts"),
      "push",
      "--config",
      join(folder, "mkimage.json"),
      "--os",
      "alpine",
      "--arch",
      "amd64",
      ...more,
    ],
    {
      reject: false,
      env: {
        ...NO_AWS,
        AWS_ENDPOINT_URL: endpoint,
        MKIMAGE_CACHE: cache,
        ...env,
        TMPDIR: folder,
        PATH: `${join(folder, "bin")}:${process.env["PATH"]}`,
      },
    },
  );
}

/** What the calls of docker left behind, by the ending of the file's name. */
async function recorded(ending: RegExp): Promise<string[]> {
  const files = (await readdir(records)).filter((name) => ending.test(name));
  return Promise.all(files.map((name) => readFile(join(records, name), "utf8")));
}

/** How often bake ran. */
const bakes = async () =>
  (await recorded(/-[^.]+$/)).filter((call) => call.startsWith("args buildx bake ")).length;

const privateFolders = async () => (await readdir(folder)).filter((name) => name.startsWith("mkimage-"));

let reference: string;

test("push from nothing: builds, tests, creates the repository, and prints one reference by digest", async () => {
  const { stdout, stderr, exitCode } = await push(KEYS);
  const [, after = ""] = stderr.split("cell alpine-amd64: passed");
  expect(after).toContain(`created repository ${new URL(endpoint).host}/${REPOSITORY}`);
  expect(exitCode).toBe(0);
  expect(await bakes(), "the parts, the image for its test, the image for the registry").toBe(3);
  expect(stdout).toMatch(new RegExp(`^${new URL(endpoint).host}/${REPOSITORY}@sha256:[0-9a-f]{64}$`));
  reference = stdout;
});

test("the registry has it under its tag, as one manifest without index", async () => {
  const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName: REPOSITORY }));
  expect(imageDetails).toHaveLength(1);
  expect(imageDetails?.[0]).toMatchObject({
    imageTags: [TAG],
    imageDigest: reference.split("@")[1],
    imageManifestMediaType: "application/vnd.oci.image.manifest.v1+json",
  });
  const { repositories } = await ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [REPOSITORY] }));
  expect(repositories?.[0]).toMatchObject({
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    imageScanningConfiguration: { scanOnPush: true },
  });
});

test("settings of mkimage.json that differ are told, and --update-repository makes them", async () => {
  const file = join(folder, "mkimage.json");
  const before = await readFile(file, "utf8");
  const ecrFields = {
    tagMutability: "mutable",
    tags: { team: "search" },
    lifecyclePolicy: {
      rules: [
        {
          rulePriority: 1,
          selection: {
            tagStatus: "untagged",
            countType: "sinceImagePushed",
            countUnit: "days",
            countNumber: 14,
          },
          action: { type: "expire" },
        },
      ],
    },
    lambdaAccounts: ["210987654321"],
  };
  await writeFile(file, JSON.stringify({ ...JSON.parse(before), ecr: ecrFields }));
  const told = await push(KEYS);
  expect(told.exitCode, told.stderr).toBe(0);
  expect(told.stderr).toContain(
    `note: repository ${REPOSITORY} differs from mkimage.json: tagMutability is IMMUTABLE`,
  );
  const made = await push(KEYS, "--update-repository");
  expect(made).toMatchObject({ exitCode: 0, stdout: reference });
  const again = await push(KEYS);
  expect(again.stderr).not.toContain("differs from mkimage.json");
  const { repositories } = await ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [REPOSITORY] }));
  expect(repositories?.[0]).toMatchObject({ imageTagMutability: "MUTABLE" });
  const { policyText } = await ecr.send(new GetRepositoryPolicyCommand({ repositoryName: REPOSITORY }));
  expect(policyText).toContain("arn:aws:iam::210987654321:root");
  await writeFile(file, before);
});

test("a second push sends nothing, tests nothing and prints the same, in an immutable repository too", async () => {
  await ecr.send(
    new PutImageTagMutabilityCommand({ repositoryName: REPOSITORY, imageTagMutability: "IMMUTABLE" }),
  );
  try {
    const { stdout, stderr, exitCode } = await push(KEYS);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(reference);
    expect(stderr).toContain("cell alpine-amd64: already there");
    expect(stderr).not.toContain("testing");
    expect(await recorded(/\.json$/)).toEqual([]);
    expect(await bakes(), "the parts, and the image for its digest").toBe(2);
  } finally {
    await ecr.send(
      new PutImageTagMutabilityCommand({ repositoryName: REPOSITORY, imageTagMutability: "MUTABLE" }),
    );
  }
});

/** Of the fields of manifests, SBOMs and statements those that are looked at. */
interface RegistryDocument {
  readonly manifests?: readonly { readonly digest: string }[];
  readonly subject?: { readonly digest?: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly spdxVersion?: string;
  readonly packages?: readonly { readonly name: string }[];
  readonly predicateType?: string;
}

test("--sbom and --provenance: artifacts refer to the image's digest, which stays; a second push makes none", async () => {
  const digest = reference.split("@")[1] as string;
  const { stdout, stderr, exitCode } = await push(KEYS, "--sbom", "--provenance", "--json");
  expect(exitCode, stderr).toBe(0);
  const [pushed] = JSON.parse(stdout);
  expect(pushed).toMatchObject({ reference, digest, sent: false });
  const at = `${endpoint}/v2/${REPOSITORY}`;
  const ask = async (path: string) => {
    const accept = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json";
    const answer = await fetch(`${at}/${path}`, { headers: { accept } });
    return answer.ok ? ((await answer.json()) as RegistryDocument) : undefined;
  };
  const listed = (await ask(`referrers/${digest}`)) ?? (await ask(`manifests/${digest.replace(":", "-")}`));
  expect(listed?.manifests).toMatchObject([
    { artifactType: "application/spdx+json", digest: pushed.attestations.sbom },
    { artifactType: "application/vnd.in-toto+json", digest: pushed.attestations.provenance },
  ]);
  const contents = (listed?.manifests ?? []).map(async (each) => {
    const artifact = await ask(`manifests/${each.digest}`);
    expect(artifact?.subject?.digest).toBe(digest);
    return ask(`blobs/${artifact?.layers?.[0]?.digest}`);
  });
  const [sbom, provenance] = await Promise.all(contents);
  expect(sbom?.spdxVersion).toMatch(/^SPDX-2/);
  const packages = sbom?.packages?.map(({ name }) => name);
  expect(packages, "of Alpine, by its own database").toContain("musl");
  expect(provenance?.predicateType).toMatch(/^https:\/\/slsa\.dev\/provenance\//);
  expect(provenance?.subject).toMatchObject([{ digest: { sha256: digest.slice("sha256:".length) } }]);
  const bakesBefore = await bakes();
  const again = await push(KEYS, "--sbom", "--provenance", "--json");
  expect(JSON.parse(again.stdout)).toEqual([pushed]);
  expect((await bakes()) - bakesBefore, "the parts, and the image for its digest").toBe(2);
  expect(await privateFolders()).toEqual([]);
});

test("the token is in a private folder only, for the length of the push", async () => {
  const { stdout, exitCode } = await push(KEYS, "--image-version", "1.1", "--json");
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([
    { function: NAME, name: "alpine-amd64", tag: "1.1-alpine-amd64", platform: "linux/amd64", sent: true },
  ]);
  const [settings, ...others] = await recorded(/\.json$/);
  expect(others).toEqual([]);
  const { auth } = JSON.parse(settings as string).auths[new URL(endpoint).host];
  const password = Buffer.from(auth, "base64").toString().replace("AWS:", "");
  expect(await recorded(/\.modes$/)).toEqual(["700\n600\n"]);
  const calls = await recorded(/call-\w+$/);
  expect(calls.filter((call) => call.startsWith("args buildx bake")).length).toBeGreaterThan(1);
  for (const secret of [auth, password]) {
    for (const seen of [...calls, ...(await recorded(/\.env$/))]) expect(seen).not.toContain(secret);
  }
  for (const seen of calls) expect(seen).not.toContain(SECRET);
  expect(await privateFolders()).toEqual([]);
});

test("Lambda makes a function of the reference, which answers with the right embedding", async () => {
  const Role = await createRole(endpoint, NAME);
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: NAME,
      PackageType: "Image",
      Code: { ImageUri: reference },
      Architectures: ["x86_64"],
      Role,
      MemorySize: 1769,
      Timeout: 60,
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 60 }, { FunctionName: NAME });
  const { samples, tolerance } = JSON.parse(await readFile(join(TOOL_ROOT, `models/${MODEL}.json`), "utf8"));
  const Payload = JSON.stringify({ inputs: samples[0].inputs });
  const reply = await lambda.send(new InvokeCommand({ FunctionName: NAME, Payload }));
  expect(reply.FunctionError).toBeUndefined();
  const body = Buffer.from(reply.Payload ?? []).toString();
  expect(compareVector(JSON.parse(body), samples[0].expected, { tolerance })).toBeLessThanOrEqual(tolerance);
});

test("a tag of another project's image is not taken: exit 1 with both names, and it stays", async () => {
  await writeFile(join(folder, "package.json"), '{ "name": "another-project" }');
  const { stdout, stderr, exitCode } = await push(KEYS);
  await rm(join(folder, "package.json"));
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toMatch(
    /:1\.0-alpine-amd64 is an image of project "[^"]+", and this is "another-project"\n/,
  );
  const { imageDetails } = await ecr.send(
    new DescribeImagesCommand({ repositoryName: REPOSITORY, imageIds: [{ imageTag: TAG }] }),
  );
  expect(imageDetails?.[0]?.imageDigest).toBe(reference.split("@")[1]);
});

test("without credentials: exit 3, which names them, and docker is not called", async () => {
  const { stdout, stderr, exitCode } = await push({ AWS_REGION: "us-east-1" });
  expect(exitCode).toBe(3);
  expect(stderr).toContain("No AWS credentials");
  expect(stderr).toContain("AWS_PROFILE");
  expect(stdout).toBe("");
  expect(await readdir(records)).toEqual([]);
});

test("with a key that AWS does not know: exit 3, and docker is not called", async () => {
  const { stderr, exitCode } = await push({ ...KEYS, AWS_ACCESS_KEY_ID: "AKIAUNKNOWN" });
  expect(exitCode).toBe(3);
  expect(stderr).toContain("AWS does not accept the credentials");
  expect(await readdir(records)).toEqual([]);
});

test("without permission to create the repository: exit 3, which names it, the caller and a way out, and nothing is sent", async () => {
  const fake = await fakeEcr({
    GetAuthorizationToken: { authorizationData: [{ authorizationToken: "QVdTOng=" }] },
    DescribeRepositories: { __type: "RepositoryNotFoundException", Message: "The repository does not exist" },
    CreateRepository: denied(
      "CreateRepository",
      `arn:aws:ecr:us-east-1:123456789012:repository/${REPOSITORY}`,
    ),
  });
  const { stdout, stderr, exitCode } = await push({ ...KEYS, AWS_ENDPOINT_URL: fake.endpoint });
  expect(exitCode).toBe(3);
  expect(stderr).toContain("AWS denies ecr:CreateRepository to arn:aws:iam::123456789012:user/ci");
  expect(stderr).toContain(`aws ecr create-repository --repository-name ${REPOSITORY}`);
  expect(stdout).toBe("");
  expect(fake.asked).toEqual(["GetAuthorizationToken", "DescribeRepositories", "CreateRepository"]);
  expect(await recorded(/\.json$/)).toEqual([]);
});

test("to a repository of another region: it is made there, and not in one's own", async () => {
  const uri = `000000000000.dkr.ecr.eu-west-1.amazonaws.com/${REPOSITORY}-abroad`;
  const { stdout, stderr, exitCode } = await push(KEYS, "--repository", uri);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toMatch(/@sha256:[0-9a-f]{64}$/);
  const credentials = { accessKeyId: KEYS.AWS_ACCESS_KEY_ID, secretAccessKey: SECRET };
  const abroad = new ECRClient({ endpoint, region: "eu-west-1", credentials });
  const input = { repositoryName: `${REPOSITORY}-abroad` };
  const { imageDetails } = await abroad.send(new DescribeImagesCommand(input));
  expect(imageDetails).toMatchObject([{ imageTags: [TAG], imageDigest: stdout.split("@")[1] }]);
  await expect(ecr.send(new DescribeImagesCommand(input))).rejects.toThrow("does not exist");
  await abroad.send(new DeleteRepositoryCommand({ ...input, force: true }));
});

test("to two regions: the one that fails does not stop the other; one that is none: exit 2", async () => {
  const name = `${REPOSITORY}-both`;
  const credentials = { accessKeyId: KEYS.AWS_ACCESS_KEY_ID, secretAccessKey: SECRET };
  onTestFinished(async () => {
    for (const region of ["us-east-1", "eu-central-1"]) {
      const client = new ECRClient({ endpoint, region, credentials });
      await client.send(new DeleteRepositoryCommand({ repositoryName: name, force: true })).catch(() => {});
    }
  });
  const both = ["--repository", name, "--registry", "us-east-1,eu-central-1"];
  const { stdout, stderr, exitCode } = await push(KEYS, ...both);
  // The emulator has one registry for all regions, and takes what has one name in two of them for that of the first.
  expect(stderr).toContain("1 of 2 registries failed\neu-central-1: ");
  expect(stderr).toContain(`${name}:${TAG} is not there after the push of ${reference.split("@")[1]}`);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(new RegExp(`^[^\\s]+/${name}@${reference.split("@")[1]}$`));
  const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName: name }));
  expect(imageDetails).toMatchObject([{ imageTags: [TAG], imageDigest: reference.split("@")[1] }]);
  const refused = await push(KEYS, "--registry", "eu-wst-1x");
  expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
  expect(refused.stderr).toContain('"eu-wst-1x" is neither a region of AWS nor a registry');
});

/** An account whose repository is in another registry: any push to it is new. */
const registryAt = (host: string) =>
  fakeEcr({
    GetAuthorizationToken: { authorizationData: [{ authorizationToken: "QVdTOng=" }] },
    DescribeRepositories: {
      repositories: [
        { registryId: "123456789012", repositoryName: REPOSITORY, repositoryUri: `${host}/${REPOSITORY}` },
      ],
    },
    InitiateLayerUpload: { uploadId: "1", partSize: 1 },
    DescribeImages: { imageDetails: [] },
  });

test("a registry that does not answer: exit 3, and no credentials are left behind", async () => {
  const fake = await registryAt("127.0.0.1:1");
  const { stdout, stderr, exitCode } = await push({ ...KEYS, AWS_ENDPOINT_URL: fake.endpoint });
  expect(exitCode).toBe(3);
  expect(stderr).toContain("A container registry does not answer");
  expect(stdout).toBe("");
  expect(await recorded(/\.json$/)).toHaveLength(1);
  expect(await privateFolders()).toEqual([]);
});

/** Fails when the command ends by itself, with what it said. */
async function endedEarly(run: ReturnType<typeof push>): Promise<never> {
  const { exitCode, stderr } = await run;
  throw new Error(`mkimage ended with exit code ${exitCode} before it was interrupted:\n${stderr}`);
}

test("Ctrl-C during the push: exit 130, no reference, and no credentials are left behind", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void silent.close());
  await once(silent, "listening");
  const fake = await registryAt(`127.0.0.1:${(silent.address() as AddressInfo).port}`);
  const run = push({ ...KEYS, AWS_ENDPOINT_URL: fake.endpoint });
  const [socket] = (await Promise.race([once(silent, "connection"), endedEarly(run)])) as [Socket];
  expect(await privateFolders()).not.toEqual([]);
  run.kill("SIGINT");
  const { stdout, stderr, exitCode } = await run;
  socket.destroy();
  expect(exitCode).toBe(130);
  expect(stderr).toContain("interrupted");
  expect(stdout).toBe("");
  expect(await privateFolders()).toEqual([]);
});
