import { join } from "node:path";
import { execa } from "execa";
import { TOOL_ROOT } from "../../build/tool-root.ts";

export const AWS_REGION = "us-east-1";

/** Nothing of this machine's own account is used. */
export const NO_AWS = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
  AWS_CONFIG_FILE: "/nonexistent/config",
  AWS_SHARED_CREDENTIALS_FILE: "/nonexistent/credentials",
  AWS_EC2_METADATA_DISABLED: "true",
};

/** The key that the emulator lets do everything. */
export const awsKeys = (secret = "test") => ({
  ...NO_AWS,
  AWS_REGION,
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: secret,
});

/** Starts the emulator where it is not up; returns its address. */
export async function startAws(): Promise<string> {
  const { stdout } = await execa(join(TOOL_ROOT, "test/env/aws/up"), { stderr: "inherit" });
  return stdout.slice(stdout.indexOf("=") + 1);
}

/** Calls IAM of the emulator, which takes the key for the signature: the SDK for it is not among the packages. */
async function iam(endpoint: string, parameters: Readonly<Record<string, string>>): Promise<void> {
  const { ok, status } = await fetch(endpoint, {
    method: "POST",
    headers: {
      authorization:
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0",
    },
    body: new URLSearchParams({ Version: "2010-05-08", ...parameters }),
  });
  if (!ok) throw new Error(`IAM answers ${parameters["Action"]} with ${status}`);
}

/** A role that Lambda may assume; returns its ARN. */
export async function createRole(endpoint: string, name: string): Promise<string> {
  const statement = {
    Effect: "Allow",
    Principal: { Service: "lambda.amazonaws.com" },
    Action: "sts:AssumeRole",
  };
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await iam(endpoint, { Action: "CreateRole", RoleName: name, AssumeRolePolicyDocument: policy });
  return `arn:aws:iam::000000000000:role/${name}`;
}
