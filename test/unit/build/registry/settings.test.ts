import { beforeEach, expect, test, vi } from "vitest";
import { EcrSettings, type RepositoryState } from "../../../../build/clients/ecr-settings.ts";
import { ecrSchema } from "../../../../build/config/ecr.ts";
import {
  applySettings,
  creationSettings,
  settingChanges,
  wantedOf,
  withLambdaAccounts,
} from "../../../../build/registry/settings.ts";
import { refusal } from "../../../support/refusal.ts";
import { type Answers, denied, fakeEcr, repositoryRecord } from "../clients/fake-ecr.ts";

const KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b";
const ALL = ecrSchema.parse({
  tagMutability: "mutable",
  exclusions: ["v*"],
  scanOnPush: false,
  encryption: KEY,
  tags: { team: "search" },
  lifecyclePolicy: { rules: [{ rulePriority: 1 }] },
  lambdaAccounts: ["210987654321"],
});
const arn = "arn:aws:ecr:eu-west-1:123456789012:repository/team/embed";

beforeEach(() => {
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  vi.stubEnv("AWS_PROFILE", undefined);
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});

const stateOf = (record: object, rest: Partial<RepositoryState> = {}): RepositoryState => ({
  record: repositoryRecord("team/embed", { repositoryArn: arn, ...record }),
  lifecyclePolicy: undefined,
  policy: undefined,
  tags: {},
  ...rest,
});

test("a new repository has immutable tags, but for those of uncommitted files, and is scanned", () => {
  expect(creationSettings(ecrSchema.parse({}))).toEqual({
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    imageTagMutabilityExclusionFilters: [
      { filterType: "WILDCARD", filter: "*-dirty-*" },
      { filterType: "WILDCARD", filter: "0-*" },
    ],
    imageScanningConfiguration: { scanOnPush: true },
  });
  expect(creationSettings(ecrSchema.parse({ tagMutability: "mutable" }))).toMatchObject({
    imageTagMutability: "MUTABLE",
  });
});

test("every field of mkimage.json reaches the new repository", () => {
  expect(creationSettings(ALL)).toEqual({
    imageTagMutability: "MUTABLE_WITH_EXCLUSION",
    imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "v*" }],
    imageScanningConfiguration: { scanOnPush: false },
    encryptionConfiguration: { encryptionType: "KMS", kmsKey: KEY },
    tags: [{ Key: "team", Value: "search" }],
  });
});

test("a repository that differs is told field by field, and one that does not, not", () => {
  const other = stateOf({ imageScanningConfiguration: { scanOnPush: true } }, { tags: { team: "other" } });
  expect(settingChanges(other, ALL)).toEqual([
    { field: "exclusions", from: "none", to: "v*" },
    { field: "scanOnPush", from: "true", to: "false" },
    { field: "encryption", from: "a key of S3", to: KEY },
    { field: "tags", from: "team=other", to: "team=search" },
    { field: "lifecyclePolicy", from: "none", to: "the one of mkimage.json" },
    { field: "lambdaAccounts", from: "others", to: "210987654321" },
  ]);
  const same = stateOf(
    { ...creationSettings(ALL), encryptionConfiguration: { encryptionType: "KMS", kmsKey: KEY } },
    {
      tags: { team: "search", more: "1" },
      lifecyclePolicy: '{ "rules": [ { "rulePriority": 1 } ] }',
      policy: withLambdaAccounts(undefined, ["210987654321"]),
    },
  );
  expect(settingChanges(same, ALL)).toEqual([]);
});

test("statements of others in the policy stay, and ours is replaced", () => {
  const theirs = { Sid: "LambdaECRImageRetrievalPolicy", Effect: "Allow" };
  const first = withLambdaAccounts(JSON.stringify({ Version: "2012-10-17", Statement: theirs }), [
    "111111111111",
  ]);
  const second = JSON.parse(withLambdaAccounts(first, ["222222222222"]));
  expect(second.Statement[0]).toEqual(theirs);
  expect(second.Statement).toHaveLength(3);
  expect(JSON.stringify(second)).not.toContain("111111111111");
  expect(second.Statement[2]).toMatchObject({
    Principal: { Service: "lambda.amazonaws.com" },
    Condition: { StringLike: { "aws:sourceArn": ["arn:aws:lambda:*:222222222222:function:*"] } },
  });
});

async function connect(answers: Answers) {
  const { endpoint, asked } = await fakeEcr(answers);
  vi.stubEnv("AWS_ENDPOINT_URL", endpoint);
  return { asked, settings: new EcrSettings(new AbortController().signal) };
}

const DONE = {
  DescribeRepositories: { repositories: [repositoryRecord("team/embed", { repositoryArn: arn })] },
  GetLifecyclePolicy: { __type: "LifecyclePolicyNotFoundException", Message: "none" },
  GetRepositoryPolicy: { __type: "RepositoryPolicyNotFoundException", Message: "none" },
  ListTagsForResource: { tags: [{ Key: "team", Value: "search" }] },
  PutImageTagMutability: {},
  PutImageScanningConfiguration: {},
  PutLifecyclePolicy: {},
  SetRepositoryPolicy: {},
  TagResource: {},
};

test("what differs is changed, and nothing else is written", async () => {
  const { asked, settings } = await connect(DONE);
  const config = { ...ALL, encryption: undefined };
  const state = await settings.read("team/embed", wantedOf(config));
  expect(state).toMatchObject({ lifecyclePolicy: undefined, policy: undefined, tags: { team: "search" } });
  asked.length = 0;
  await applySettings("team/embed", { state, config, settings });
  expect(asked).toEqual(["PutImageTagMutability", "PutLifecyclePolicy", "SetRepositoryPolicy"]);
});

test("only what mkimage.json names is read", async () => {
  const { asked, settings } = await connect(DONE);
  await settings.read("team/embed", wantedOf(ecrSchema.parse({})));
  expect(asked).toEqual(["DescribeRepositories"]);
});

test("an encryption that differs is an error before anything is written", async () => {
  const { asked, settings } = await connect(DONE);
  const error = await refusal(() =>
    applySettings("team/embed", { state: stateOf({}), config: ALL, settings }),
  );
  expect(error.message).toBe(
    `Repository team/embed is not encrypted with ${KEY}, and ECR does not change that`,
  );
  expect(asked).toEqual([]);
});

test("a lacking permission is named", async () => {
  const { settings } = await connect({ ...DONE, SetRepositoryPolicy: denied("SetRepositoryPolicy") });
  const error = await refusal(() => settings.setPolicy("team/embed", "{}"));
  expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining("ecr:SetRepositoryPolicy") });
});

test.each([
  { ecr: { tagMutability: "fixed" }, at: "tagMutability" },
  { ecr: { exclusions: ["a*b*c*"] }, at: "exclusions" },
  { ecr: { encryption: "alias/key" }, at: "encryption" },
  { ecr: { lambdaAccounts: ["1234"] }, at: "lambdaAccounts" },
  { ecr: { lifecyclePolicy: {} }, at: "lifecyclePolicy" },
  { ecr: { failOn: "worst" }, at: "failOn" },
])("$ecr is refused", ({ ecr, at }) => expect(ecrSchema.safeParse(ecr).error?.issues[0]?.path[0]).toBe(at));
