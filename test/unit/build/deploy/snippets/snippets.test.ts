import { stripTypeScriptTypes } from "node:module";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { deploymentSchema } from "../../../../../build/config/deployment.ts";
import { versionSettings } from "../../../../../build/deploy/fields.ts";
import { SNIPPETS } from "../../../../../build/deploy/snippets/index.ts";
import type { Target } from "../../../../../build/deploy/target.ts";
import { refusal } from "../../../../support/refusal.ts";

const IMAGE = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/embed@sha256:${"a".repeat(64)}`;

function target(deploy: object = {}): Target {
  const { tags, url, concurrency, ...rest } = deploymentSchema.parse(deploy);
  const content = { image: IMAGE, architecture: "arm64", settings: versionSettings(1769, rest) } as const;
  return {
    name: "image-search",
    alias: "live",
    image: {} as never,
    gates: {},
    snapStartOptional: false,
    surroundings: { tags, url, concurrency },
    content,
  };
}

/** A text that no format takes as it is; `$` and `{` apart, so that it is no template here. */
const TEXT = `a "b" ${"$"}{c} %{d}\nline: #x @a.b.c`;

const role = "arn:aws:iam::123456789012:role/embed";

const ALL = target({
  role,
  ephemeralStorage: 1024,
  environment: { TEXT, ON: "true" },
  logging: { format: "json", level: "INFO" },
  tracing: "active",
  deadLetter: "arn:aws:sqs:eu-west-1:123456789012:failed",
  vpc: { subnets: ["subnet-1", "subnet-2"], securityGroups: ["sg-1"] },
  url: { auth: "iam", cors: { origins: ["https://example.com"] } },
  concurrency: { reserved: 5 },
  tags: { team: "ml" },
});

test.each(Object.entries(SNIPPETS))("%s: the image by digest, and only what is set", (_, snippet) => {
  const text = snippet(target({ role }));
  expect(text).toContain(`sha256:${"a".repeat(64)}`);
  expect(text).not.toMatch(/undefined|null|NaN|\[object/);
  expect(text).toContain("1769");
  expect(text).not.toMatch(/environment|vpc|url/i);
});

test("sam: every setting, as YAML says it", () => {
  expect(parse(SNIPPETS.sam(ALL))).toEqual({
    Resources: {
      ImageSearch: {
        Type: "AWS::Serverless::Function",
        Properties: {
          FunctionName: "image-search",
          PackageType: "Image",
          ImageUri: IMAGE,
          Architectures: ["arm64"],
          MemorySize: 1769,
          Timeout: 60,
          Role: "arn:aws:iam::123456789012:role/embed",
          EphemeralStorage: { Size: 1024 },
          Environment: { Variables: { TEXT, ON: "true" } },
          LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "INFO" },
          Tracing: "Active",
          DeadLetterQueue: { Type: "SQS", TargetArn: "arn:aws:sqs:eu-west-1:123456789012:failed" },
          VpcConfig: { SubnetIds: ["subnet-1", "subnet-2"], SecurityGroupIds: ["sg-1"] },
          AutoPublishAlias: "live",
          ReservedConcurrentExecutions: 5,
          FunctionUrlConfig: {
            AuthType: "AWS_IAM",
            InvokeMode: "BUFFERED",
            Cors: { AllowOrigins: ["https://example.com"], AllowMethods: ["*"] },
          },
          Tags: { team: "ml" },
        },
      },
    },
  });
});

test("serverless: the same in its words", () => {
  expect(parse(SNIPPETS.serverless(ALL)).functions["image-search"]).toMatchObject({
    image: IMAGE,
    architecture: "arm64",
    memorySize: 1769,
    environment: { ON: "true" },
    logs: { logFormat: "JSON" },
    vpc: { subnetIds: ["subnet-1", "subnet-2"] },
    url: { authorizer: "aws_iam", cors: { allowedOrigins: ["https://example.com"] } },
    reservedConcurrency: 5,
  });
});

test("terraform: templates in texts are escaped, references are not quoted", () => {
  const text = SNIPPETS.terraform(ALL);
  expect(text).toContain('resource "aws_lambda_function" "image-search" {');
  expect(text).toContain(`"TEXT" = "a \\"b\\" ${"$$"}{c} %%{d}\\nline: #x @a.b.c"`);
  expect(text).toContain("function_version = aws_lambda_function.image-search.version");
  expect(text).toContain('subnet_ids = ["subnet-1","subnet-2"]');
  expect(text).toContain('authorization_type = "AWS_IAM"');
});

test("terraform: a function without a role is refused, since Terraform makes none", async () => {
  expect(await refusal(() => SNIPPETS.terraform(target()))).toMatchObject({
    exitCode: 2,
    message: "Function image-search has no role, and Terraform makes none",
    hint: expect.stringContaining("--role arn:aws:iam::"),
  });
});

test("cdk: constructs of TypeScript", () => {
  const text = SNIPPETS.cdk(ALL);
  expect(text).toContain('ecr.Repository.fromRepositoryName(this, "ImageSearchImages", "team/embed")');
  expect(text).toContain("architecture: lambda.Architecture.ARM_64,");
  expect(text).toContain("version: imageSearchFunction.currentVersion,");
  expect(text).toContain("// Of mkimage.json, attach here: deploy.vpc, deploy.deadLetter");
});

test.each(["export", "class", "3d", "new"])("cdk: a function named %s is no word of the language", (name) => {
  const text = SNIPPETS.cdk({ ...target(), name });
  expect(() => stripTypeScriptTypes(`async () => {\n${text}\n}`)).not.toThrow();
});
