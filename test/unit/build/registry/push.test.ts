import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { type BakeFile, LAMBDA_EXPORT } from "../../../../build/bake/bake.ts";
import { type BakeMetadata, type BakeRun, runBake } from "../../../../build/clients/buildx.ts";
import { Ecr } from "../../../../build/clients/ecr.ts";
import type { EcrRegistry } from "../../../../build/clients/ecr-repository.ts";
import { imageLabels } from "../../../../build/clients/image-labels.ts";
import { makePlan } from "../../../../build/plan/plan.ts";
import { findSent, pushImages } from "../../../../build/registry/push.ts";
import { createRepositories, findRepositories } from "../../../../build/registry/repositories.ts";
import type { Tested } from "../../../../build/smoke/tested-records.ts";
import { refusal } from "../../../support/refusal.ts";
import { stderrText } from "../../../support/stderr.ts";
import { type Answers, denied, fakeEcr, repositoryRecord } from "../clients/fake-ecr.ts";

vi.mock("../../../../build/clients/buildx.ts", () => ({
  runBake: vi.fn(),
  builderNodes: async () => 1,
}));
vi.mock("../../../../build/clients/image-labels.ts", () => ({ imageLabels: vi.fn() }));
const labels = vi.mocked(imageLabels);
const bake = vi.mocked(runBake);
const { signal } = new AbortController();
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const TOKEN = "QVdTOnNlY3JldA==";

beforeEach(() => {
  bake.mockReset();
  labels.mockReset();
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  for (const name of ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_ECR"])
    vi.stubEnv(name, undefined);
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});

const DEPLOY = { alias: "live", timeout: 60 };
const digestOf = (character: string) => `sha256:${character.repeat(64)}`;

/** The alpine images of one function as a build would return them: arm64 has digests of a and b, amd64 of c and d. */
const BUILT: Tested[] = makePlan(
  {
    project: "/project",
    name: "shop",
    functions: [{ name: "embed", models: ["mini"], memory: 1769, repository: "team/embed", deploy: DEPLOY }],
    os: ["alpine"],
    arch: ["arm64", "amd64"],
    quantization: ["fp32"],
    version: "1.0",
    bases: {},
    rie: true,
    flags: {},
  },
  {
    models: {
      mini: {
        name: "mini",
        dir: "/models/mini",
        digest: "sha256:1",
        samplesDigest: "sha256:2",
        samples: "/samples",
        spec: { task: "feature-extraction" } as never,
      },
    },
    revision: { epoch: 0 },
    digests: {},
    project: "shop",
    sources: {},
    tool: "1.0.0",
  },
).map((image, index) => ({
  ...image,
  digest: digestOf("ac"[index] as string),
  configDigest: digestOf("bd"[index] as string),
  testDigest: digestOf("e"),
}));
const [ARM, AMD] = BUILT as [Tested, Tested];

/** A registry with these tags; what is baked arrives in it, as `arrives` says. */
async function registry({
  tags = {},
  settings = {},
  answers = {},
  registry: other,
  arrives = (image) => ({ imageDigest: image.digest, imageManifestMediaType: MANIFEST }),
}: {
  tags?: Record<string, object>;
  settings?: object;
  answers?: Answers;
  registry?: EcrRegistry;
  arrives?: (image: Tested) => object;
}) {
  const held = new Map(Object.entries(tags));
  const { endpoint, asked } = await fakeEcr({
    DescribeRepositories: { repositories: [repositoryRecord("team/embed", settings)] },
    GetAuthorizationToken: { authorizationData: [{ authorizationToken: TOKEN }] },
    InitiateLayerUpload: { uploadId: "1", partSize: 1 },
    DescribeImages: (request) => {
      const { imageIds } = request as { imageIds: { imageTag: string }[] };
      const found = held.get(imageIds[0]?.imageTag ?? "");
      return found ? { imageDetails: [found] } : { __type: "ImageNotFoundException", Message: "no such tag" };
    },
    ...answers,
  });
  vi.stubEnv("AWS_ENDPOINT_URL", endpoint);
  bake.mockImplementation(async (file: BakeFile) => {
    const sent = BUILT.filter(({ target }) => file.group.default.targets.includes(target));
    for (const image of sent) held.set(`1.0-${image.name}`, arrives(image));
    return metadataOf(sent);
  });
  const ecr = new Ecr(signal, other);
  const host = new URL(endpoint).host;
  return { ecr, asked, host, held, repositories: await findRepositories(["team/embed"], ecr) };
}

const metadataOf = (images: readonly Tested[]): BakeMetadata =>
  Object.fromEntries(
    images.map(({ target, digest, configDigest }) => [
      target,
      { "containerimage.digest": digest, "containerimage.config.digest": configDigest },
    ]),
  );

const RUN = { signal, secrets: [] };

test("all images go in one bake, straight to their tags, and come back as references by digest", async () => {
  const { ecr, repositories, host } = await registry({});
  const pushed = await pushImages(BUILT, { ...RUN, registry: ecr, repositories });
  expect(pushed.map(({ remote, tag, sent }) => ({ remote, tag, sent }))).toEqual([
    { remote: `${host}/team/embed@${ARM.digest}`, tag: "1.0-alpine-arm64", sent: true },
    { remote: `${host}/team/embed@${AMD.digest}`, tag: "1.0-alpine-amd64", sent: true },
  ]);
  expect(bake).toHaveBeenCalledOnce();
  const file = bake.mock.calls[0]?.[0] as BakeFile;
  expect(file.target[ARM.target]).toMatchObject({
    tags: [`${host}/team/embed:1.0-alpine-arm64`],
    output: [`type=image,push=true,store=false,${LAMBDA_EXPORT}`],
    attest: ["type=provenance,disabled=true", "type=sbom,disabled=true"],
  });
});

test("the compiler refuses images that were not tested", async () => {
  const { ecr, repositories } = await registry({});
  const packed = BUILT.map(({ testDigest: _, ...image }) => image);
  // @ts-expect-error
  await pushImages(packed, { ...RUN, registry: ecr, repositories });
});

test("bake finds the token in a private folder only, under the host that is pushed to", async () => {
  const { ecr, repositories, host } = await registry({});
  let settings = "";
  const fake = bake.getMockImplementation() as typeof runBake;
  bake.mockImplementation(async (file: BakeFile, run: BakeRun) => {
    settings = await readFile(join(run.env?.["DOCKER_CONFIG"] ?? "", "config.json"), "utf8");
    expect(JSON.stringify([file, run])).not.toContain(TOKEN);
    return fake(file, run);
  });
  await pushImages(BUILT, { ...RUN, registry: ecr, repositories });
  expect(JSON.parse(settings).auths[host]).toEqual({ auth: TOKEN });
  await expect(
    readFile(join(bake.mock.calls[0]?.[1].env?.["DOCKER_CONFIG"] ?? "", "config.json")),
  ).rejects.toThrow("ENOENT");
});

test.each(["MUTABLE", "IMMUTABLE"])(
  "what the registry has already is not sent again (%s)",
  async (imageTagMutability) => {
    const { ecr, repositories, host } = await registry({
      settings: { imageTagMutability },
      tags: { "1.0-alpine-arm64": { imageDigest: ARM.digest, imageManifestMediaType: MANIFEST } },
    });
    expect(await findSent(BUILT, { registry: ecr, repositories })).toEqual([
      { isSent: true },
      { isSent: false },
    ]);
    const pushed = await pushImages(BUILT, { ...RUN, registry: ecr, repositories });
    expect(pushed.map(({ sent }) => sent)).toEqual([false, true]);
    expect(bake.mock.calls[0]?.[0].group.default.targets).toEqual([AMD.target]);
    const again = await pushImages(BUILT, { ...RUN, registry: ecr, repositories });
    expect(again.map(({ remote }) => remote)).toEqual(
      BUILT.map(({ digest }) => `${host}/team/embed@${digest}`),
    );
    expect(bake).toHaveBeenCalledOnce();
  },
);

test.each([
  { whose: "of this project", had: { "mkimage.project": "shop" } },
  { whose: "that mkimage has not made", had: {} },
  { whose: "whose labels cannot be read", had: undefined },
])("a tag of another image $whose is moved where tags are mutable", async ({ had }) => {
  const { ecr, repositories, host } = await registry({
    tags: { "1.0-alpine-arm64": { imageDigest: digestOf("e") } },
  });
  labels.mockResolvedValue(had);
  expect((await pushImages([ARM], { ...RUN, registry: ecr, repositories }))[0]?.sent).toBe(true);
  expect(labels).toHaveBeenCalledExactlyOnceWith(
    `${host}/team/embed@${digestOf("e")}`,
    expect.anything(),
    signal,
  );
});

test("a tag of another project's image is not moved, and nothing is sent", async () => {
  const { ecr, repositories, host } = await registry({
    tags: { "1.0-alpine-arm64": { imageDigest: digestOf("e") } },
  });
  labels.mockResolvedValue({ "mkimage.project": "other" });
  const error = await refusal(() => pushImages(BUILT, { ...RUN, registry: ecr, repositories }));
  expect(error.exitCode).toBe(1);
  expect(error.message).toBe(
    `${host}/team/embed:1.0-alpine-arm64 is an image of project "other", and this is "shop"`,
  );
  expect(bake).not.toHaveBeenCalled();
});

test("a tag of another image in an immutable repository is an error before anything is sent", async () => {
  const { ecr, repositories, host } = await registry({
    settings: { imageTagMutability: "IMMUTABLE" },
    tags: { "1.0-alpine-arm64": { imageDigest: digestOf("e") } },
  });
  const error = await refusal(() => pushImages(BUILT, { ...RUN, registry: ecr, repositories }));
  expect(error.exitCode).toBe(1);
  expect(error.message).toBe(
    `${host}/team/embed:1.0-alpine-arm64 is another image, ${digestOf("e")}, and cannot be moved`,
  );
  expect(error.hint).toContain("--image-version");
  expect(bake).not.toHaveBeenCalled();
});

test("an image that is not the tested one any more is an error", async () => {
  const { ecr, repositories } = await registry({});
  bake.mockResolvedValue(metadataOf([{ ...ARM, configDigest: digestOf("f") }]));
  const error = await refusal(() => pushImages([ARM], { ...RUN, registry: ecr, repositories }));
  expect(error.exitCode).toBe(1);
  expect(error.message).toContain(
    `changed between its test and the push: ${ARM.configDigest}, then ${digestOf("f")}`,
  );
});

test.each([
  {
    title: "an index",
    arrives: (image: Tested) => ({
      imageDigest: image.digest,
      imageManifestMediaType: "application/vnd.oci.image.index.v1+json",
    }),
    says: "which Lambda refuses",
  },
  {
    title: "another digest",
    arrives: () => ({ imageDigest: digestOf("e") }),
    says: `is ${digestOf("e")} after the push of`,
  },
  { title: "nothing", arrives: () => ({}), says: "is not there after the push of" },
])("when the registry then holds $title, it is an error", async ({ arrives, says }) => {
  const { ecr, repositories } = await registry({ arrives });
  const error = await refusal(() => pushImages([ARM], { ...RUN, registry: ecr, repositories }));
  expect(error.exitCode).toBe(1);
  expect(error.message).toContain(says);
});

test.each([
  { action: "GetAuthorizationToken", answers: {} },
  { action: "DescribeRepositories", answers: {} },
  { action: "InitiateLayerUpload", answers: {} },
  { action: "DescribeImages", answers: {} },
])("a lacking ecr:$action is found before anything is sent", async ({ action, answers }) => {
  const error = await refusal(() => registry({ answers: { ...answers, [action]: denied(action) } }));
  expect(error.exitCode).toBe(3);
  expect(error.message).toContain(`ecr:${action}`);
  expect(bake).not.toHaveBeenCalled();
});

/** Without `ecr` in mkimage.json. */
const KEPT = { settings: {} as never, config: undefined, update: false };
const NO_REPOSITORY = { __type: "RepositoryNotFoundException", Message: "none" };

test("a repository that does not exist is not created when it is looked for, and has no image", async () => {
  const { ecr, repositories, asked, host } = await registry({
    answers: {
      DescribeRepositories: NO_REPOSITORY,
      CreateRepository: { repository: repositoryRecord("team/embed") },
    },
  });
  expect(await findSent(BUILT, { registry: ecr, repositories })).toEqual([
    { isSent: false },
    { isSent: false },
  ]);
  expect(asked).toEqual(["GetAuthorizationToken", "DescribeRepositories"]);
  const created = await createRepositories(["team/embed"], { ...KEPT, ecr, repositories });
  expect(asked.slice(2)).toEqual(["CreateRepository", "InitiateLayerUpload", "DescribeImages"]);
  expect((await pushImages([ARM], { ...RUN, registry: ecr, repositories: created }))[0]?.remote).toBe(
    `${host}/team/embed@${ARM.digest}`,
  );
});

test("a lacking ecr:CreateRepository is found when nothing is sent yet", async () => {
  const { ecr, repositories } = await registry({
    answers: { DescribeRepositories: NO_REPOSITORY, CreateRepository: denied("CreateRepository") },
  });
  const error = await refusal(() => createRepositories(["team/embed"], { ...KEPT, ecr, repositories }));
  expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining("ecr:CreateRepository") });
  expect(bake).not.toHaveBeenCalled();
});

test("a repository that exists is not created again", async () => {
  const { ecr, repositories, asked } = await registry({});
  const before = asked.length;
  expect(await createRepositories(["team/embed"], { ...KEPT, ecr, repositories })).toEqual(repositories);
  expect(asked).toHaveLength(before);
});

test("a repository of ECR by its whole URI is asked for in that account, by its name", async () => {
  const requests: unknown[] = [];
  const { ecr } = await registry({
    registry: { account: "222222222222", region: "us-west-2" },
    answers: {
      DescribeRepositories: (request) => {
        requests.push(request);
        return { repositories: [repositoryRecord("team/x", { registryId: "222222222222" })] };
      },
    },
  });
  const uri = "222222222222.dkr.ecr.us-west-2.amazonaws.com/team/x";
  const found = await findRepositories([uri], ecr);
  expect(requests.at(-1)).toEqual({ registryId: "222222222222", repositoryNames: ["team/x"] });
  expect(found.get(uri)).toMatchObject({ account: "222222222222", name: "team/x" });
});

test("a permission that only the push itself finds lacking is named as well", async () => {
  const { ecr, repositories, host } = await registry({});
  const { Message } = denied("PutImage") as { Message: string };
  bake.mockRejectedValue(
    new Error(
      `docker buildx bake failed\nfailed to push ${host}/team/embed:1.0-alpine-arm64: denied: ${Message}`,
    ),
  );
  const error = await refusal(() => pushImages([ARM], { ...RUN, registry: ecr, repositories }));
  expect(error).toMatchObject({
    exitCode: 3,
    message: "AWS denies ecr:PutImage to arn:aws:iam::123456789012:user/ci",
  });
});

describe("a tag that another push has taken meanwhile, where tags are immutable", () => {
  const taken = async (imageDigest: string) => {
    const found = await registry({ settings: { imageTagMutability: "IMMUTABLE" } });
    const { host, held } = found;
    bake.mockImplementation(async () => {
      held.set("1.0-alpine-arm64", { imageDigest, imageManifestMediaType: MANIFEST });
      throw new Error(
        `docker buildx bake failed\nfailed to push ${host}/team/embed:1.0-alpine-arm64: tag invalid: The image tag '1.0-alpine-arm64' already exists in the 'team/embed' repository and cannot be overwritten because the tag is immutable.`,
      );
    });
    return found;
  };

  test("for the same image: it is there", async () => {
    const { ecr, repositories, host } = await taken(ARM.digest);
    const [pushed] = await pushImages([ARM], { ...RUN, registry: ecr, repositories });
    expect(pushed?.remote).toBe(`${host}/team/embed@${ARM.digest}`);
  });

  test("for another image: exit 1, with the digest that it has", async () => {
    const { ecr, repositories, host } = await taken(digestOf("e"));
    const error = await refusal(() => pushImages([ARM], { ...RUN, registry: ecr, repositories }));
    expect(error.exitCode).toBe(1);
    expect(error.message).toBe(
      `${host}/team/embed:1.0-alpine-arm64 is another image, ${digestOf("e")}, and cannot be moved`,
    );
  });
});

const TOO_MANY = "unexpected status from POST request: 429 Too Many Requests";

test("a registry that has been asked too often is asked again; one of a base is not waited for", async () => {
  const { ecr, repositories, host } = await registry({});
  const throttled = new Error(`failed to push ${host}/team/embed:1.0-alpine-arm64: ${TOO_MANY}`);
  const options = { ...RUN, registry: ecr, repositories, wait: 1 };
  const said = stderrText();
  bake.mockRejectedValueOnce(throttled).mockRejectedValueOnce(throttled);
  expect((await pushImages([ARM], options))[0]?.sent).toBe(true);
  expect(bake).toHaveBeenCalledTimes(3);
  const waits = () => said().match(/allows no more requests for now: waiting/g)?.length;
  expect(waits()).toBe(2);
  const other = new Error(`failed to resolve source metadata for ghcr.io/base: ${TOO_MANY}`);
  bake.mockRejectedValueOnce(other);
  await expect(pushImages([AMD], options)).rejects.toBe(other);
  expect(bake).toHaveBeenCalledTimes(4);
  expect(waits()).toBe(2);
});

test("a denial by the registry of a base is not taken for one of ECR", async () => {
  const { ecr, repositories } = await registry({});
  const failure = new Error("failed to authorize ghcr.io/base: 403 Forbidden");
  bake.mockRejectedValue(failure);
  await expect(pushImages([ARM], { ...RUN, registry: ecr, repositories })).rejects.toBe(failure);
});
