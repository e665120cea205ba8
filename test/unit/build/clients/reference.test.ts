import { expect, test } from "vitest";
import { canonicalReference, isReference, registryHost } from "../../../../build/clients/reference.ts";

// Recorded from github.com/distribution/reference, which Docker reads references with.
test.each([
  ["alpine:3.23", undefined, "docker.io/library/alpine:3.23"],
  ["team/x:1", undefined, "docker.io/team/x:1"],
  ["a.b:1", undefined, "docker.io/library/a.b:1"],
  ["localhost/x:1", "localhost", "localhost/x:1"],
  ["localhost:5000/x:1", "localhost:5000", "localhost:5000/x:1"],
  ["ghcr.io/team/x:1", "ghcr.io", "ghcr.io/team/x:1"],
  [
    "1234.dkr.ecr.eu-west-1.amazonaws.com/x:1",
    "1234.dkr.ecr.eu-west-1.amazonaws.com",
    "1234.dkr.ecr.eu-west-1.amazonaws.com/x:1",
  ],
])("%s", (reference, host, canonical) => {
  expect(isReference(reference)).toBe(true);
  expect(registryHost(reference)).toBe(host);
  expect(canonicalReference(reference)).toBe(canonical);
});

test.each(["/tmp/image", "./image", "../image", "a//b", "a/../b", "a b", "-rm", "", "a?b=c", "a/b/"])(
  "a path or an option is no reference: %j",
  (text) => expect(isReference(text)).toBe(false),
);
