import { expect, test } from "vitest";
import { deploymentSchema } from "../../../../build/config/deployment.ts";

const faults = (value: object) =>
  deploymentSchema
    .safeParse(value)
    .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];

test("nothing is required, and Lambda's own 3 seconds are not the default", () => {
  expect(deploymentSchema.parse({})).toEqual({ alias: "live", timeout: 60 });
});

test.each([
  [{ role: "embed" }, "role: expected the ARN of a role"],
  [{ alias: "12" }, "alias: expected letters"],
  [{ timeout: 901 }, "timeout: "],
  [{ ephemeralStorage: 100 }, "ephemeralStorage: "],
  [{ environment: { AWS_REGION: "x" } }, "environment.AWS_REGION: "],
  [{ environment: { "1A": "x" } }, "environment.1A: "],
  [{ environment: { TEXT: "é".repeat(2048) } }, "environment: expected names and values of 4 kB at most"],
  [{ url: {} }, "url.auth: "],
  [{ logging: { level: "INFO" } }, "logging: expected `format: json` with levels"],
  [{ deadLetter: "arn:aws:s3:::bucket" }, "deadLetter: expected the ARN of an SQS queue"],
  [{ vpc: { subnets: [], securityGroups: ["sg-1"] } }, "vpc.subnets: "],
  [{ snapStart: true, ephemeralStorage: 1024 }, "expected `ephemeralStorage` of 512"],
  [{ snapStart: true, concurrency: { provisioned: 1 } }, "expected either `snapStart` or"],
  [{ memory: 128 }, ": Unrecognized key"],
])("%j is refused: %s", (value, fault) => expect(faults(value).join("\n")).toContain(fault));
