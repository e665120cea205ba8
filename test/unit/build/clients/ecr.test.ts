import { beforeEach, expect, test, vi } from "vitest";
import { Ecr } from "../../../../build/clients/ecr.ts";
import { type EcrRepository, toRepository } from "../../../../build/clients/ecr-repository.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";
import { type Answers, denied, fakeEcr, repositoryRecord } from "./fake-ecr.ts";

/** Nothing of this machine's own account is seen. */
beforeEach(() => {
  for (const name of ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_ECR"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  vi.stubEnv("AWS_CONFIG_FILE", "/nonexistent/config");
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials");
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
});

async function connect(answers: Answers, signal = new AbortController().signal) {
  const { endpoint, asked } = await fakeEcr(answers);
  vi.stubEnv("AWS_ENDPOINT_URL", endpoint);
  return { ecr: new Ecr(signal), host: new URL(endpoint).host, asked };
}

const failing = (__type: string, Message: string) => ({ DescribeRepositories: { __type, Message } });

test("a repository is found, and pushed to where the endpoint is, since AWS's own registry is not behind an override", async () => {
  const { ecr, host } = await connect({
    DescribeRepositories: { repositories: [repositoryRecord("team/embed")] },
  });
  expect(await ecr.findRepository("team/embed")).toMatchObject({
    name: "team/embed",
    account: "123456789012",
    host,
    uri: `${host}/team/embed`,
    insecure: false,
  });
});

const SETTINGS = {
  imageTagMutability: "IMMUTABLE" as const,
  imageScanningConfiguration: { scanOnPush: true },
};

test("a repository that does not exist is undefined, not an error", async () => {
  const { ecr } = await connect(failing("RepositoryNotFoundException", "The repository does not exist"));
  expect(await ecr.findRepository("team/embed")).toBeUndefined();
});

test("a new repository has the settings that are given", async () => {
  const requests: unknown[] = [];
  const { ecr, host } = await connect({
    CreateRepository: (request) => {
      requests.push(request);
      return { repository: repositoryRecord("team/embed") };
    },
  });
  expect((await ecr.createRepository("team/embed", SETTINGS)).uri).toBe(`${host}/team/embed`);
  expect(requests).toEqual([
    {
      repositoryName: "team/embed",
      ...SETTINGS,
    },
  ]);
});

test("a repository that another process creates at the same moment is taken as it is", async () => {
  const { ecr, host } = await connect({
    CreateRepository: { __type: "RepositoryAlreadyExistsException", Message: "already exists" },
    DescribeRepositories: { repositories: [repositoryRecord("team/embed")] },
  });
  expect((await ecr.createRepository("team/embed", SETTINGS)).uri).toBe(`${host}/team/embed`);
});

test.each([
  { title: "ECR's error", answer: { __type: "ImageNotFoundException", Message: "no such tag" } },
  { title: "an emulator's empty list", answer: { imageDetails: [] } },
])("a tag that is not there is undefined: $title", async ({ answer }) => {
  const { ecr } = await connect({
    DescribeRepositories: { repositories: [repositoryRecord("e/f")] },
    DescribeImages: answer,
  });
  const repository = await ecr.findRepository("e/f");
  expect(repository && (await ecr.findTag(repository, "1-alpine-arm64"))).toBeUndefined();
});

const CALLS: Record<string, (ecr: Ecr, repository: EcrRepository) => Promise<unknown>> = {
  GetAuthorizationToken: (ecr) => ecr.fetchToken(),
  DescribeRepositories: (ecr) => ecr.findRepository("team/embed"),
  CreateRepository: (ecr) => ecr.createRepository("team/embed", SETTINGS),
  InitiateLayerUpload: (ecr, repository) => ecr.checkUpload(repository),
  DescribeImages: (ecr, repository) => ecr.findTag(repository, "1-alpine-arm64"),
};

test.each(Object.keys(CALLS))(
  "without permission for ecr:%s the error names it, the caller and the resource",
  async (action) => {
    const arn = "arn:aws:ecr:eu-west-1:123456789012:repository/team/embed";
    const { ecr, asked } = await connect({ [action]: denied(action, arn) });
    const repository = toRepository(repositoryRecord("team/embed"), new URL("https://ecr.amazonaws.com"));
    const error = await refusal(() => CALLS[action]?.(ecr, repository));
    expect(asked).toEqual([action]);
    expect(error.exitCode).toBe(3);
    expect(error.message).toBe(`AWS denies ecr:${action} to arn:aws:iam::123456789012:user/ci`);
    expect(error.hint).toContain(`{"Effect":"Allow","Action":"ecr:${action}","Resource":"${arn}"}`);
  },
);

test("who may not create a repository is told how to have it created", async () => {
  const { ecr } = await connect({});
  const error = await refusal(() => ecr.createRepository("team/embed", SETTINGS));
  expect(error.hint).toContain("aws ecr create-repository --repository-name team/embed");
});

test.each([
  { answer: "ExpiredTokenException", says: "The AWS credentials have expired", hint: "aws sso login" },
  {
    answer: "UnrecognizedClientException",
    says: "AWS does not accept the credentials",
    hint: "Check the access key",
  },
  { answer: "InvalidSignatureException", says: "AWS does not accept the credentials", hint: "clock" },
])("$answer: $says", async ({ answer, says, hint }) => {
  const { ecr } = await connect(failing(answer, "The security token is not good"));
  const error = await refusal(() => ecr.findRepository("team/embed"));
  expect(error.exitCode).toBe(3);
  expect(error.message).toBe(`${says}: The security token is not good`);
  expect(error.hint).toContain(hint);
});

test("another refusal of ECR is told with its name and is no bug of ours", async () => {
  const { ecr } = await connect({
    CreateRepository: { __type: "LimitExceededException", Message: "too many repositories" },
  });
  const error = await refusal(() => ecr.createRepository("team/embed", SETTINGS));
  expect(error.exitCode).toBe(3);
  expect(error.message).toBe(
    "AWS refuses ecr:CreateRepository: LimitExceededException: too many repositories",
  );
});

test("without credentials nothing is asked, and the error says where they are looked for", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
  const { ecr, asked } = await connect({});
  const error = await refusal(() => ecr.fetchToken());
  expect(error.exitCode).toBe(3);
  expect(error.message).toContain("No AWS credentials");
  expect(error.hint).toContain("AWS_PROFILE");
  expect(asked).toEqual([]);
});

test("without a region the error says how to set one", async () => {
  vi.stubEnv("AWS_REGION", undefined);
  const { ecr } = await connect({});
  const error = await refusal(() => ecr.fetchToken());
  expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining("No AWS region") });
  expect(error.hint).toContain("AWS_REGION");
});

test("AWS_DEFAULT_REGION and the region of a profile count as well", async () => {
  const answers = { GetAuthorizationToken: { authorizationData: [{ authorizationToken: "QVdTOng=" }] } };
  vi.stubEnv("AWS_REGION", undefined);
  const folder = await temporaryFolder({ config: "[default]\nregion = eu-north-1\n" });
  vi.stubEnv("AWS_CONFIG_FILE", `${folder}/config`);
  expect(await (await connect(answers)).ecr.fetchToken()).toBe("QVdTOng=");
  vi.stubEnv("AWS_CONFIG_FILE", "/nonexistent/config");
  vi.stubEnv("AWS_DEFAULT_REGION", "eu-west-3");
  expect(await (await connect(answers)).ecr.fetchToken()).toBe("QVdTOng=");
});

test("an endpoint that does not answer is named", async () => {
  vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
  const error = await refusal(() => new Ecr(new AbortController().signal).fetchToken());
  expect(error.exitCode).toBe(3);
  expect(error.message).toBe("AWS does not answer: connect ECONNREFUSED 127.0.0.1:1");
});

test("a call that is interrupted ends with the reason of the interruption", async () => {
  const controller = new AbortController();
  const { ecr } = await connect({}, controller.signal);
  controller.abort(new Error("SIGINT"));
  await expect(ecr.fetchToken()).rejects.toThrow("SIGINT");
});

test.each([
  {
    what: "what the builder is told without words may be an expired token",
    output: "unexpected status from HEAD request to https://x/v2/e/blobs/sha256:1: 403 Forbidden",
    hint: expect.stringContaining("A token that has expired is refused in the same way"),
  },
  {
    what: "a permission that ECR names is that alone",
    output:
      "denied: User: arn:aws:iam::1:user/ci is not authorized to perform: ecr:PutImage on resource: arn:aws:ecr:eu-west-1:1:repository/e",
    hint: expect.not.stringContaining("expired"),
  },
])("$what", ({ output, hint }) => {
  const fault = new Ecr(new AbortController().signal).pushFault(output, new Error(output));
  expect(fault).toMatchObject({ exitCode: 3, hint });
});
