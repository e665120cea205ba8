import { expect, test } from "vitest";
import { pullFault } from "../../../../build/smoke/pull.ts";

const DAEMON = "Error response from daemon: ";
const ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

test.each([
  ["ghcr.io/a/b:1", "manifest unknown", 1, "ghcr.io does not have it", "`docker images` lists"],
  [
    "a/b:1",
    "manifest for a/b:1 not found: manifest unknown: manifest unknown",
    1,
    "docker.io does not have it",
    "tag or digest",
  ],
  [
    "a/b:1",
    "pull access denied for a/b, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    3,
    "is refused by docker.io",
    "docker login docker.io",
  ],
  [
    `${ECR}/x@sha256:${"0".repeat(64)}`,
    `Head "https://${ECR}/v2/x/manifests/1": no basic auth credentials`,
    3,
    `is refused by ${ECR}`,
    `aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin ${ECR}`,
  ],
  [
    "localhost:5000/x",
    'Head "http://localhost:5000/v2/x": unauthorized: authentication required',
    3,
    "is refused by localhost:5000",
    "docker login localhost:5000",
  ],
  [
    "a/b",
    "no matching manifest for linux/arm64/v8 in the manifest list entries",
    1,
    "is not there for arm64",
    "--arch",
  ],
  [
    "127.0.0.1:1/x",
    "dial tcp 127.0.0.1:1: connect: connection refused",
    3,
    "does not answer",
    "Check the network",
  ],
  [
    "a/b",
    "something new",
    1,
    "cannot be pulled: Error response from daemon: something new",
    "docker login docker.io",
  ],
])("%s: %s", (reference, said, exitCode, message, hint) => {
  const error = pullFault(reference, `${DAEMON}${said}\n`, "arm64");
  expect(error.exitCode).toBe(exitCode);
  expect(error.message).toContain(message);
  expect(error.hint).toContain(hint);
});
