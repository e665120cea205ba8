import { beforeEach, expect, test, vi } from "vitest";
import { Ecr } from "../../../../build/clients/ecr.ts";
import { OCI_MANIFEST } from "../../../../build/clients/oci-registry.ts";
import { UserError } from "../../../../build/errors.ts";
import type { Image } from "../../../../build/plan/image.ts";
import { checkNamed, findPublished, namedImage } from "../../../../build/registry/published.ts";
import { refusal } from "../../../support/refusal.ts";
import { stderrText } from "../../../support/stderr.ts";
import { type Answers, denied, fakeEcr, repositoryRecord } from "../clients/fake-ecr.ts";
import { fakeRegistry } from "../clients/fake-registry.ts";

const { signal } = new AbortController();
const IMAGE = {
  function: "embed",
  name: "alpine-arm64",
  os: "alpine",
  arch: "arm64",
  version: "1.0",
  repository: "team/embed",
  reference: "team/embed:1.0-alpine-arm64",
  command: "mkimage build --os alpine --arch arm64",
} as Image;
const DIGEST = `sha256:${"a".repeat(64)}`;
const CONFIG = "application/vnd.oci.image.config.v1+json";
let said: () => string;

beforeEach(() => {
  said = stderrText();
});

/** ECR with these answers. */
async function ecrWith(answers: Answers): Promise<Ecr> {
  const { endpoint } = await fakeEcr(answers);
  const env = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" };
  for (const [name, value] of Object.entries({ ...env, AWS_ENDPOINT_URL: endpoint })) vi.stubEnv(name, value);
  return new Ecr(signal);
}

/** ECR with a repository that has this under the image's tag. */
const ecrHolding = (detail: object | undefined) =>
  ecrWith({
    DescribeRepositories: { repositories: [repositoryRecord("team/embed")] },
    DescribeImages: { imageDetails: detail ? [{ imageDigest: DIGEST, ...detail }] : [] },
  });

test.each([CONFIG, "application/vnd.docker.container.image.v1+json", OCI_MANIFEST, undefined])(
  "an image under the tag (%s) comes back by its digest",
  async (artifactMediaType) => {
    const ecr = await ecrHolding({ imageManifestMediaType: OCI_MANIFEST, artifactMediaType });
    const [found] = await findPublished([IMAGE], ecr);
    expect(found?.remote).toMatch(new RegExp(`/team/embed@${DIGEST}$`));
  },
);

test.each([
  {
    what: "a Helm chart",
    detail: {
      imageManifestMediaType: OCI_MANIFEST,
      artifactMediaType: "application/vnd.cncf.helm.config.v1+json",
    },
    says: "is no container image: application/vnd.cncf.helm.config.v1+json",
    hint: "--repository",
  },
  {
    what: "an index of several images",
    detail: { imageManifestMediaType: "application/vnd.oci.image.index.v1+json" },
    says: "is of type application/vnd.oci.image.index.v1+json, which Lambda refuses",
    hint: "mkimage push",
  },
  {
    what: "an image that is too large",
    detail: { imageManifestMediaType: OCI_MANIFEST, imageSizeInBytes: 11 * 1024 ** 3 },
    says: "has 11.00 GiB packed, and Lambda takes 10.00 GiB unpacked at most",
    hint: "--quantization int8",
  },
  { what: "nothing", detail: undefined, says: "has not been pushed", hint: "mkimage push" },
])("$what under the tag is refused before Lambda is asked", async ({ detail, says, hint }) => {
  const ecr = await ecrHolding(detail);
  const error = await refusal(() => findPublished([IMAGE], ecr));
  expect(error.exitCode).toBe(1);
  expect(error.message).toContain(says);
  expect(error.hint).toContain(hint);
});

test("a repository that is not there is told with the region", async () => {
  const ecr = await ecrWith({
    DescribeRepositories: { __type: "RepositoryNotFoundException", Message: "no" },
  });
  const error = await refusal(() => findPublished([IMAGE], ecr));
  expect(error.message).toBe(
    "team/embed:1.0-alpine-arm64 has not been pushed: there is no such repository in eu-west-1",
  );
  expect(error.hint).toContain("AWS_REGION");
});

/** A registry with one image of an architecture; its reference. */
async function holding(architecture: string, size = 10) {
  const registry = await fakeRegistry();
  const config = `sha256:${"c".repeat(64)}`;
  registry.blobs.set(config, Buffer.from(JSON.stringify({ architecture, os: "linux" })));
  const digest = registry.hold({
    schemaVersion: 2,
    config: { mediaType: CONFIG, digest: config, size: 40 },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: config, size }],
  });
  return { registry, reference: `${registry.host}/team/embed@${digest}` };
}
const LOGIN = { findLogin: async () => ({ from: "aws" as const, basic: "QVdTOng=" }) };

async function check(reference: string, ecr: Pick<Ecr, "findLogin"> = LOGIN): Promise<void> {
  for (const each of namedImage([IMAGE], reference)) await checkNamed(each, { ecr, signal });
}

test("--image: an image of the function's architecture passes", async () => {
  const { reference } = await holding("arm64");
  await check(reference);
  expect(said()).toBe("");
});

test("--image: one of another architecture is refused, with both ways out", async () => {
  const { reference } = await holding("amd64");
  const error = await refusal(() => check(reference));
  expect(error.message).toBe(`${reference} is for amd64, and the function is to be arm64`);
  expect(error).toMatchObject({ exitCode: 1, hint: expect.stringContaining("--arch amd64") });
});

test("--image: one that is too large, and one that is not there", async () => {
  const { registry, reference } = await holding("arm64", 11 * 1024 ** 3);
  await expect(check(reference)).rejects.toThrow("has 11.00 GiB packed");
  await expect(check(`${registry.host}/team/embed@${DIGEST}`)).rejects.toThrow("is not in the registry");
});

test("--image: where the registry cannot be asked, that is said, and Lambda decides", async () => {
  const { reference } = await holding("amd64");
  await check(reference, {
    findLogin: async () => {
      throw new UserError("AWS denies ecr:GetAuthorizationToken");
    },
  });
  expect(said()).toContain("was not looked at before the deployment: AWS denies ecr:GetAuthorizationToken");
});

test("a permission that is lacking is told as such", async () => {
  const ecr = await ecrWith({ DescribeRepositories: denied("DescribeRepositories") });
  await expect(findPublished([IMAGE], ecr)).rejects.toThrow("AWS denies ecr:DescribeRepositories");
});
