import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { Lambda } from "../../../../build/clients/lambda.ts";
import { deploy } from "../../../../build/deploy/deploy.ts";
import type { Target } from "../../../../build/deploy/target.ts";
import { EXIT } from "../../../../build/errors.ts";
import { refusal } from "../../../support/refusal.ts";
import { targetOf } from "./fake-lambda.ts";

/** Nothing of this machine's own account is seen. */
beforeEach(() => {
  for (const name of ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_LAMBDA"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  vi.stubEnv("AWS_CONFIG_FILE", "/nonexistent/config");
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials");
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});

type Answer = { readonly status?: number; readonly error?: string; readonly body: object };
/** Start of `<method> <path>` → what Lambda answers. The first that fits rules. */
type Answers = readonly (readonly [start: string, answer: Answer])[];

const NAME = "/2015-03-31/functions/embed";
const error = (name: string, Message: string, status = 400): Answer => ({
  status,
  error: name,
  body: { Message },
});
const found = (configuration: object): Answer => ({
  body: {
    Configuration: { FunctionName: "embed", PackageType: "Image", State: "Active", ...configuration },
    Code: { ImageUri: "registry/embed:old", ResolvedImageUri: `registry/embed@sha256:${"b".repeat(64)}` },
  },
});

/** Lambda's API as the SDK speaks it. @returns what it was asked to write */
async function lambdaApi(answers: Answers): Promise<string[]> {
  const writes: string[] = [];
  const server = createServer((request, response) => {
    const asked = `${request.method} ${request.url}`;
    if (request.method !== "GET") writes.push(asked);
    const [, answer] = answers.find(([start]) => asked.startsWith(start)) ?? [
      "",
      error("ResourceNotFoundException", `nothing for ${asked}`, 404),
    ];
    response.statusCode = answer.status ?? 200;
    if (answer.error) response.setHeader("x-amzn-errortype", answer.error);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer.body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return writes;
}

const FUNCTION = `GET ${NAME}`;
const LATER = "GET /2015-03-31/functions/embed/versions";
const ALIAS = "GET /2015-03-31/functions/embed/aliases/live";
const CREATE = "POST /2015-03-31/functions";
const noVersions: readonly [string, Answer] = [LATER, { body: { Versions: [] } }];

const DENIED =
  "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: lambda:GetFunction on resource: arn:aws:lambda:eu-west-1:123456789012:function:embed because no identity-based policy allows it";

const limits = (AccountLimit: object): Answer => ({ body: { AccountLimit } });

/** The usual function with its image in ECR of a region. */
function inRegion(region: string): Target {
  const target = targetOf();
  const image = `123456789012.dkr.ecr.${region}.amazonaws.com/embed@sha256:${"a".repeat(64)}`;
  return { ...target, content: { ...target.content, image } };
}

interface Case {
  readonly what: string;
  readonly answers: Answers;
  readonly exit: number;
  readonly message: string;
  readonly hint: string;
  readonly env?: Readonly<Record<string, undefined>>;
  readonly target?: Target;
  /** What IAM says of the role; without it, the credentials may not ask. */
  readonly role?: undefined;
  /** Whether it is the first change itself that Lambda refuses, as a whole. */
  readonly refusesCreation?: boolean;
}

const CASES: readonly Case[] = [
  {
    what: "no credentials",
    answers: [],
    env: { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
    exit: EXIT.environment,
    message: "No AWS credentials",
    hint: "AWS_PROFILE",
  },
  {
    what: "no region",
    answers: [],
    env: { AWS_REGION: undefined },
    exit: EXIT.environment,
    message: "No AWS region",
    hint: "AWS_REGION",
  },
  {
    what: "credentials of another partition",
    answers: [[FUNCTION, error("UnrecognizedClientException", "The security token is invalid", 403)]],
    exit: EXIT.environment,
    message: "AWS does not accept the credentials",
    hint: "partition and region",
  },
  {
    what: "expired credentials",
    answers: [[FUNCTION, error("ExpiredTokenException", "The security token included is expired", 403)]],
    exit: EXIT.environment,
    message: "The AWS credentials have expired",
    hint: "aws sso login",
  },
  {
    what: "no permission",
    answers: [[FUNCTION, error("AccessDeniedException", DENIED, 403)]],
    exit: EXIT.environment,
    message: "AWS denies lambda:GetFunction to arn:aws:iam::123456789012:user/ci",
    hint: '{"Effect":"Allow","Action":"lambda:GetFunction","Resource":"arn:aws:lambda:eu-west-1:123456789012:function:embed"}',
  },
  {
    what: "a role that IAM does not have",
    answers: [],
    role: undefined,
    exit: EXIT.environment,
    message: "The execution role does not exist: arn:aws:iam::123456789012:role/embed",
    hint: "--role",
  },
  {
    what: "a role that Lambda finds missing",
    answers: [[CREATE, error("InvalidParameterValueException", "The role with name embed cannot be found.")]],
    exit: EXIT.environment,
    message: "The execution role does not exist",
    hint: "--role",
    refusesCreation: true,
  },
  {
    what: "a role that Lambda cannot assume",
    answers: [
      [
        CREATE,
        error(
          "InvalidParameterValueException",
          "The role defined for the function cannot be assumed by Lambda.",
        ),
      ],
    ],
    exit: EXIT.environment,
    message: "Lambda cannot assume the execution role",
    hint: "sts:AssumeRole",
    refusesCreation: true,
  },
  {
    what: "a full code storage",
    answers: [[CREATE, error("CodeStorageExceededException", "Code storage limit exceeded.")]],
    exit: EXIT.environment,
    message: "The account's code storage is full",
    hint: "mkimage clean",
    refusesCreation: true,
  },
  {
    what: "an image of another region",
    answers: [
      [
        CREATE,
        error(
          "InvalidParameterValueException",
          "Source image 123456789012.dkr.ecr.us-east-1.amazonaws.com/embed@sha256:1 is not in the same region",
        ),
      ],
    ],
    exit: EXIT.environment,
    message: "Lambda does not find the image",
    hint: "own region",
    refusesCreation: true,
  },
  {
    what: "an image of ECR in another region",
    answers: [],
    target: inRegion("us-east-1"),
    exit: EXIT.usage,
    message: "The image of embed is in us-east-1, and the function in eu-west-1",
    hint: "mkimage push --registry eu-west-1",
  },
  {
    what: "more reserved concurrency than the account has",
    answers: [
      [
        "GET /2016-08-19/account-settings",
        limits({ ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 149 }),
      ],
    ],
    target: { ...targetOf(), surroundings: { concurrency: { reserved: 50 } } },
    exit: EXIT.check,
    message: "concurrency.reserved of embed asks for 50 more, and the account has 49 left to reserve",
    hint: "quota for concurrent executions, which is 1000",
  },
  {
    what: "reserved concurrency in an account without any to reserve",
    answers: [
      [
        "GET /2016-08-19/account-settings",
        limits({ ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 }),
      ],
    ],
    target: { ...targetOf(), surroundings: { concurrency: { reserved: 1 } } },
    exit: EXIT.check,
    message: "the account has 0 left to reserve",
    hint: "which is 10",
  },
  {
    what: "a quota that is reached",
    answers: [[CREATE, error("ServiceQuotaExceededException", "The account has too many functions")]],
    exit: EXIT.environment,
    message: "A quota of the account is reached",
    hint: "mkimage clean",
    refusesCreation: true,
  },
  {
    what: "a function of a zip file",
    answers: [
      noVersions,
      [ALIAS, error("ResourceNotFoundException", "", 404)],
      [FUNCTION, found({ PackageType: "Zip" })],
    ],
    exit: EXIT.check,
    message: "Function embed is made of a Zip file",
    hint: "another name",
  },
  {
    what: "a function in state Failed",
    answers: [
      noVersions,
      [ALIAS, error("ResourceNotFoundException", "", 404)],
      [FUNCTION, found({ State: "Failed", StateReason: "The KMS key is disabled" })],
    ],
    exit: EXIT.check,
    message: "Function embed is in state Failed: The KMS key is disabled",
    hint: "delete-function",
  },
  {
    what: "an alias in a shift of someone else's",
    answers: [
      noVersions,
      [
        ALIAS,
        {
          body: {
            Name: "live",
            FunctionVersion: "1",
            RoutingConfig: { AdditionalVersionWeights: { 2: 0.25 } },
          },
        },
      ],
      [FUNCTION, found({})],
    ],
    exit: EXIT.check,
    message: "Alias live of embed is in a shift to another version: beside 1, version 2 has 25 %",
    hint: "mkimage rollback --function embed",
  },
];

test.each(CASES)("$what: said before anything is changed", async (each) => {
  const writes = await lambdaApi(each.answers);
  for (const [name, value] of Object.entries(each.env ?? {})) vi.stubEnv(name, value);
  const { signal } = new AbortController();
  const lambda = new Lambda(signal);
  const iam = { findRole: async () => ("role" in each ? each.role : ("hidden" as const)) };
  const fault = await refusal(() =>
    deploy([each.target ?? targetOf()], { lambda, iam, ecr: {} as never, signal, roleWait: 1 }),
  );
  expect(fault.message).toContain(each.message);
  expect(fault.hint).toContain(each.hint);
  expect(fault.exitCode).toBe(each.exit);
  expect([...new Set(writes)]).toEqual(each.refusesCreation ? [CREATE] : []);
});
