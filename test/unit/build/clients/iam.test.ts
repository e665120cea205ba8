import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { Iam } from "../../../../build/clients/iam.ts";

/** IAM's API as the SDK speaks it. @returns the client for it, and the bodies that it gets */
async function iamApi(status: number, answer: string) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    for await (const chunk of request) asked.push(String(chunk));
    response.writeHead(status, { "content-type": "text/xml" }).end(answer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const environment = {
    AWS_PROFILE: undefined,
    AWS_SESSION_TOKEN: undefined,
    AWS_CONFIG_FILE: "/nonexistent/config",
    AWS_SHARED_CREDENTIALS_FILE: "/nonexistent/credentials",
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKIATEST",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_ENDPOINT_URL_IAM: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  return { iam: new Iam(new AbortController().signal), asked };
}

const error = (code: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`;

test("a role has its ARN and its trust policy as JSON", async () => {
  const arn = "arn:aws:iam::123456789012:role/service/embed";
  const trustPolicy = '{"Statement":[{"Principal":{"Service":"lambda.amazonaws.com"}}]}';
  const { iam, asked } = await iamApi(
    200,
    `<GetRoleResponse><GetRoleResult><Role><Arn>${arn}</Arn><AssumeRolePolicyDocument>${encodeURIComponent(trustPolicy)}</AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>`,
  );
  expect(await iam.findRole("embed")).toEqual({ arn, trustPolicy });
  expect(asked.join()).toMatch(/Action=GetRole&.*RoleName=embed/);
});

test.each([
  [404, "NoSuchEntity", undefined],
  [403, "AccessDenied", "hidden"],
  [403, "InvalidClientTokenId", "hidden"],
])("status %d with %s: %s", async (status, code, found) => {
  const { iam } = await iamApi(status, error(code));
  expect(await iam.findRole("embed")).toBe(found);
});
