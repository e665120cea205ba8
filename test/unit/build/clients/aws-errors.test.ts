import { expect, test } from "vitest";
import { awsFault, permissionFault } from "../../../../build/clients/aws-errors.ts";
import { UserError } from "../../../../build/errors.ts";

const CALL = { action: "ecr:PutImage" };

test.each([
  {
    title: "a registry that quotes IAM",
    text: "failed to push x: denied: User: arn:aws:iam::1:user/ci is not authorized to perform: ecr:UploadLayerPart on resource: arn:aws:ecr:eu-west-1:1:repository/e because no identity-based policy allows it",
    says: "AWS denies ecr:UploadLayerPart to arn:aws:iam::1:user/ci",
    hint: "arn:aws:ecr:eu-west-1:1:repository/e",
  },
  {
    title: "a registry that says only its status",
    text: "failed to push x: unexpected status from PUT request to https://x/v2/e/manifests/1: 403 Forbidden",
    says: "AWS denies ecr:PutImage to these credentials",
    hint: "ecr:PutImage",
  },
  {
    title: "a registry that got no credentials",
    text: "failed to authorize: no basic auth credentials",
    says: "AWS denies ecr:PutImage to these credentials",
    hint: "ecr:PutImage",
  },
])("$title: the lacking permission is named", ({ text, says, hint }) => {
  const fault = permissionFault(text, CALL);
  expect(fault).toMatchObject({ exitCode: 3, message: says });
  expect(fault?.hint).toContain(hint);
});

test("a token that has expired is no lacking permission, though the registry says denied", () => {
  const text =
    "failed to push x: unexpected status: 403 Forbidden: denied: Your authorization token has expired. Reauthenticate and try again.";
  const fault = permissionFault(text, CALL);
  expect(fault).toMatchObject({ exitCode: 3, message: "The token for the registry has expired" });
  expect(fault?.hint).toContain("Run the command again");
});

test("a text about something else is no fault of permission", () => {
  expect(permissionFault("failed to push x: no space left on device", CALL)).toBeUndefined();
});

const named = (name: string, message: string, code?: string) =>
  Object.assign(new Error(message), { name, code });

test.each([
  {
    error: named("CredentialsProviderError", "Could not load credentials from any providers"),
    says: "No AWS credentials",
  },
  {
    error: named("CredentialsProviderError", "The SSO session has expired"),
    says: "The AWS credentials have expired",
  },
  {
    error: named("TokenProviderError", "Token is expired. Run aws sso login"),
    says: "The AWS credentials have expired",
  },
  { error: named("Error", "getaddrinfo ENOTFOUND api.ecr.x", "ENOTFOUND"), says: "AWS does not answer" },
  {
    error: named("Error", 'Region not accepted: region="x y" is not a valid hostname component.'),
    says: "What is set as the AWS region is none",
  },
  {
    error: named("TypeError", "Invalid URL", "ERR_INVALID_URL"),
    says: "What is set as the address of AWS is none",
  },
  {
    error: named("TypeError", 'Invalid character in header content ["authorization"]', "ERR_INVALID_CHAR"),
    says: "The AWS credentials have a character that cannot be in them, such as a line break",
  },
  {
    error: named("Error", "Parse Error: Expected HTTP/, RTSP/ or ICE/", "HPE_INVALID_CONSTANT"),
    says: "What answers is not AWS",
  },
  { error: named("TimeoutError", "Connection timed out after 1000 ms"), says: "AWS does not answer" },
  {
    error: named("Error", "self-signed certificate in certificate chain", "SELF_SIGNED_CERT_IN_CHAIN"),
    says: "The certificate of AWS is not trusted",
  },
])("$error.name $error.message: $says", ({ error, says }) => {
  expect(awsFault(error, CALL)).toMatchObject({
    exitCode: 3,
    message: `${says}: ${error.message}`,
    cause: error,
  });
});

test("a page in the place of an answer: without the SDK's note to programmers", () => {
  const error = named(
    "SyntaxError",
    "Unexpected token '<'\n  Deserialization error: to see the raw response, inspect the hidden field",
  );
  expect(awsFault(error, CALL)).toMatchObject({
    exitCode: 3,
    message: "What answers is not AWS: Unexpected token '<'",
  });
});

test("an error that is not the SDK's stays what it is: a bug", () => {
  const bug = new TypeError("x is undefined");
  expect(awsFault(bug, CALL)).toBe(bug);
  expect(awsFault("text", CALL)).toBe("text");
  expect(awsFault(bug, CALL)).not.toBeInstanceOf(UserError);
});
