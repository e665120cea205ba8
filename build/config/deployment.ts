import { z } from "zod";
import { ARCHES, names, OSES, QUANTIZATIONS } from "../catalog.ts";

/** The forms that Lambda takes: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;
const QUEUE_OR_TOPIC = /^arn:aws[a-z-]*:(?:sqs|sns):[a-z0-9-]+:\d{12}:[\w.-]+$/;
const ALIAS = /^(?!\d+$)[\w-]{1,128}$/;

export const roleArn = z
  .string()
  .regex(ROLE, "expected the ARN of a role: arn:aws:iam::123456789012:role/NAME");
export const aliasName = z
  .string()
  .regex(ALIAS, "expected letters, digits, - and _, and not a number alone, such as live");

const PERCENT = /^(\d{1,2}(?:\.\d{1,2})?)%$/;
const DURATION = /^(\d{1,6})(s|m|h)$/;
const SECONDS = { s: 1, m: 60, h: 3600 };

/** `10%` as a part between 0 and 1. */
const percentage = z
  .string()
  .regex(PERCENT, "expected a percentage between 0.01% and 99.99%, such as 10%")
  .transform((text) => Number(PERCENT.exec(text)?.[1]) / 100)
  .refine((part) => part > 0, "expected a percentage above 0%");
export const canarySteps = z
  .array(percentage)
  .min(1)
  .refine(
    (steps) => steps.every((step, index) => step > (steps[index - 1] ?? 0)),
    "expected percentages that grow",
  );
/** `5m` in milliseconds. */
export const canaryWait = z
  .string()
  .regex(DURATION, "expected a time such as 30s, 5m or 1h")
  .transform((text) => {
    const [, count, unit] = DURATION.exec(text) as unknown as [string, string, keyof typeof SECONDS];
    return Number(count) * SECONDS[unit] * 1000;
  });
export const CANARY_ERROR_RATE = 0.01;
export const CANARY_SLOWDOWN = 2;

const level = z.enum(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]);

/** Names that Lambda sets itself: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const RESERVED = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_RUNTIME_API",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
]);

/** Bytes of all environment variables as JSON, by Lambda: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LARGEST_ENVIRONMENT = 4096;

const variableName = z
  .string()
  .regex(/^[A-Za-z]\w+$/, "expected a name of letters, digits and _, at least two, such as LOG_LEVEL")
  .refine((name) => !RESERVED.has(name), "is a name that Lambda sets itself");

/** The settings of a function in Lambda. What is left out stays as it is there. */
export const deploymentSchema = z
  .strictObject({
    os: z.enum(names(OSES)).optional().describe("Operating system of the image that is deployed."),
    arch: z.enum(names(ARCHES)).optional().describe("Architecture of the image that is deployed."),
    quantization: z
      .enum(names(QUANTIZATIONS))
      .optional()
      .describe("Number format of the image that is deployed."),
    alias: aliasName
      .default("live")
      .describe("Alias that callers use. A new version gets it when its answers have been checked."),
    role: roleArn
      .optional()
      .describe("ARN of the execution role. Required when the function is created; `--role` replaces it."),
    timeout: z.int().min(1).max(900).default(60).describe("Seconds that an invocation may take."),
    ephemeralStorage: z.int().min(512).max(10240).optional().describe("Size of /tmp in MB."),
    environment: z
      .record(variableName, z.string())
      .refine((variables) => Buffer.byteLength(JSON.stringify(variables)) <= LARGEST_ENVIRONMENT, {
        error: "expected names and values of 4 kB at most, which Lambda allows for all of them",
      })
      .optional()
      .describe(
        "All of the function's environment variables; others are removed. Not for secrets: this file is in the repository.",
      ),
    url: z
      .strictObject({
        auth: z
          .enum(["iam", "none"])
          .describe(
            "Required. `iam`: callers sign their requests. `none`: anyone who knows the URL may call it.",
          ),
        mode: z
          .enum(["buffered", "stream"])
          .default("buffered")
          .describe("Whether replies are sent as they are made."),
        cors: z
          .strictObject({
            origins: z
              .array(z.string().min(1))
              .min(1)
              .describe("Required. Origins, such as https://example.com."),
            headers: z.array(z.string().min(1)).optional().describe("Request headers."),
            credentials: z.boolean().optional().describe("Whether cookies may be sent."),
            maxAge: z.int().min(0).max(86400).optional().describe("Seconds that browsers keep the answer."),
          })
          .optional()
          .describe("Which pages of other origins may call it from a browser; default: none."),
      })
      .optional()
      .describe("The URL of the alias."),
    snapStart: z
      .union([z.boolean(), z.literal("auto")])
      .optional()
      .describe(
        "Whether versions start from a snapshot. `auto`: where the region offers it for images, without it elsewhere.",
      ),
    logging: z
      .strictObject({
        format: z.enum(["text", "json"]).optional().describe("Format of the log."),
        level: level.optional().describe("Least level of the function's own lines; only with `json`."),
        systemLevel: z
          .enum(["DEBUG", "INFO", "WARN"])
          .optional()
          .describe("Least level of Lambda's lines; only with `json`."),
        group: z
          .string()
          .regex(/^[.\-_/#A-Za-z0-9]{1,512}$/, "expected the name of a log group such as /aws/lambda/embed")
          .optional()
          .describe("Log group."),
      })
      .refine(
        ({ format, level: own, systemLevel }) => format === "json" || (own ?? systemLevel) === undefined,
        "expected `format: json` with levels",
      )
      .optional()
      .describe("The function's log in CloudWatch."),
    concurrency: z
      .strictObject({
        reserved: z
          .int()
          .min(0)
          .optional()
          .describe("Most invocations at a time, kept free for this function."),
        provisioned: z
          .int()
          .min(1)
          .optional()
          .describe("Environments of the alias that are kept started. They cost money also when idle."),
      })
      .optional()
      .describe("How many invocations run at a time."),
    tracing: z
      .enum(["active", "passThrough"])
      .optional()
      .describe("Whether X-Ray traces are begun, or continued only."),
    deadLetter: z
      .string()
      .regex(QUEUE_OR_TOPIC, "expected the ARN of an SQS queue or an SNS topic")
      .optional()
      .describe("ARN of the queue or topic for asynchronous events that have failed."),
    vpc: z
      .strictObject({
        subnets: z
          .array(z.string().regex(/^subnet-[0-9a-z]+$/, "expected subnet-…"))
          .min(1)
          .describe("Required. Subnets."),
        securityGroups: z
          .array(z.string().regex(/^sg-[0-9a-zA-Z]+$/, "expected sg-…"))
          .min(1)
          .describe("Required. Security groups."),
        ipv6: z.boolean().optional().describe("Whether IPv6 leads out of subnets with both."),
      })
      .optional()
      .describe("The network that the function is attached to."),
    canary: z
      .strictObject({
        steps: canarySteps.describe(
          'Required. Parts of the calls that a new version gets one after the other, such as ["10%", "50%"]; then it gets all.',
        ),
        wait: canaryWait.describe("Required. How long the calls are watched after each step, such as 5m."),
        errorRate: z
          .number()
          .min(0)
          .max(1)
          .default(CANARY_ERROR_RATE)
          .describe(
            "Most errors of the new version's calls, as a part of them. With more, it is taken back.",
          ),
        slowdown: z
          .number()
          .min(1)
          .default(CANARY_SLOWDOWN)
          .describe(
            "Most times as long that its calls may take on average as those of the live version in the same step, from 20 calls of each on. With more, it is taken back.",
          ),
      })
      .optional()
      .describe(
        "Steps by which a new version gets its calls, for `deploy` and `release`; default: all at once. `--canary` and `--canary-wait` replace it.",
      ),
    gates: z
      .strictObject({
        coldMs: z
          .number()
          .positive()
          .optional()
          .describe("Most milliseconds of init and first answer of a new environment."),
        warmMs: z
          .number()
          .positive()
          .optional()
          .describe("Most milliseconds of a warm answer to the first sample."),
        slowdown: z
          .number()
          .positive()
          .optional()
          .describe("Most times the warm answer of the version that is live, measured in the same run."),
        sizeMB: z.number().positive().optional().describe("Most packed megabytes of the image."),
        growth: z
          .number()
          .positive()
          .optional()
          .describe("Most times the packed size of the image that is live."),
      })
      .optional()
      .describe(
        "What a new version must not exceed to get any calls; measured in Lambda after its answers were checked.",
      ),
    tags: z
      .record(z.string().min(1).max(128), z.string().max(256))
      .optional()
      .describe("Tags of the function. Others that it has stay."),
  })
  .refine(
    ({ snapStart, ephemeralStorage = 512 }) => snapStart !== true || ephemeralStorage <= 512,
    "expected `ephemeralStorage` of 512 with `snapStart`: Lambda takes no more",
  )
  .refine(
    ({ snapStart, concurrency }) => snapStart !== true || !concurrency?.provisioned,
    "expected either `snapStart` or `concurrency.provisioned`: Lambda does not take both",
  );

export type Deployment = z.output<typeof deploymentSchema>;
