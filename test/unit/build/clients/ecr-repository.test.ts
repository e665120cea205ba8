import { expect, test } from "vitest";
import { isImmutable, registryOf } from "../../../../build/clients/ecr-repository.ts";

const AWS_URI = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

test.each([
  { title: "AWS", uri: AWS_URI, endpoint: "https://api.ecr.eu-west-1.amazonaws.com", host: AWS_URI },
  {
    title: "AWS in China",
    uri: "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
    endpoint: "https://api.ecr.cn-north-1.amazonaws.com.cn",
    host: "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
  },
  {
    title: "an endpoint of a VPC",
    uri: AWS_URI,
    endpoint: "https://vpce-0a1b.api.ecr.eu-west-1.vpce.amazonaws.com",
    host: AWS_URI,
  },
  {
    title: "an endpoint with both IP versions",
    uri: AWS_URI,
    endpoint: "https://ecr.eu-west-1.api.aws",
    host: AWS_URI,
  },
  {
    title: "an emulator on this machine",
    uri: AWS_URI,
    endpoint: "http://127.0.0.1:4566",
    host: "127.0.0.1:4566",
  },
  { title: "localhost", uri: AWS_URI, endpoint: "http://localhost:4566", host: "localhost:4566" },
  {
    title: "an emulator elsewhere",
    uri: AWS_URI,
    endpoint: "http://aws.test:4566",
    host: "aws.test:4566",
    insecure: true,
  },
  { title: "an emulator with TLS", uri: AWS_URI, endpoint: "https://aws.test", host: "aws.test" },
  {
    title: "an emulator that names its own registry",
    uri: "000000000000.dkr.ecr.us-east-1.localhost.localstack.cloud:4566",
    endpoint: "http://127.0.0.1:4566",
    host: "000000000000.dkr.ecr.us-east-1.localhost.localstack.cloud:4566",
    insecure: true,
  },
])("the registry of $title is $host", ({ uri, endpoint, host, insecure = false }) => {
  expect(registryOf(`${uri}/team/embed`, new URL(endpoint))).toEqual({ host, insecure });
});

test.each([
  { mode: undefined, filters: undefined, tag: "1-alpine-arm64", immutable: false },
  { mode: "MUTABLE", filters: undefined, tag: "1-alpine-arm64", immutable: false },
  { mode: "IMMUTABLE", filters: undefined, tag: "1-alpine-arm64", immutable: true },
  { mode: "IMMUTABLE_WITH_EXCLUSION", filters: ["dev*"], tag: "dev-alpine-arm64", immutable: false },
  { mode: "IMMUTABLE_WITH_EXCLUSION", filters: ["dev*"], tag: "1-dev-alpine-arm64", immutable: true },
  { mode: "MUTABLE_WITH_EXCLUSION", filters: ["1.*"], tag: "1.2-alpine-arm64", immutable: true },
  { mode: "MUTABLE_WITH_EXCLUSION", filters: ["1.*"], tag: "102-alpine-arm64", immutable: false },
] as const)("$mode $filters: $tag is immutable: $immutable", ({ mode, filters, tag, immutable }) => {
  const settings = {
    imageTagMutability: mode,
    imageTagMutabilityExclusionFilters: filters?.map((filter) => ({
      filterType: "WILDCARD" as const,
      filter,
    })),
  };
  expect(isImmutable(settings, tag)).toBe(immutable);
});
