import { expect, test } from "vitest";
import { parseStepName, type StepName, stepLine, stepTitle } from "../../../../build/builder/step-name.ts";

test.each<[string, StepName | undefined]>([
  [
    "[runtime packages 5/5] RUN npm-ci",
    { target: "runtime", stage: "packages", index: 5, count: 5, what: "RUN npm-ci" },
  ],
  // BuildKit makes the numbers of a long stage equally wide.
  ["[a stage-2  1/12] COPY . .", { target: "a", stage: "stage-2", index: 1, count: 12, what: "COPY . ." }],
  ["[a] exporting to oci image format", { target: "a", what: "exporting to oci image format" }],
  ["[a internal] load .dockerignore", { target: "a", what: "load .dockerignore" }],
  ["[a context files] load from client", { target: "a", what: "load from client" }],
  ["exporting", undefined],
])("the name of a step has its target: %s", (name, parsed) => {
  expect(parseStepName(name)).toEqual(parsed);
});

test.each([
  [
    "[node stage 2/2] RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=ca   --network=none <<SCRIPT (set -eu...)",
    "[node stage 2/2] RUN set -eu... 1.3 s",
  ],
  [
    `[node 1/2] FROM docker.io/library/node:24@sha256:${"a".repeat(64)}`,
    "[node 1/2] FROM docker.io/library/node:24 1.3 s",
  ],
])("a step's line is without what nobody reads: %s", (name, line) => {
  expect(stepLine(name, "1.3 s")).toBe(line);
});

test.each([
  "[internal] load local bake definitions",
  "[slow internal] load .dockerignore",
  "[model-minilm-fp32 context files] load from client",
  "[context files] load .dockerignore",
  "[embed-alpine-arm64 function 2/7] LINK COPY --link --from=node / /",
])("BuildKit's own step has no line: %s", (name) => {
  expect(stepLine(name, "0.0 s")).toBeUndefined();
});

test.each([
  ["[model-a python 3/4] RUN python3 /install/install.py", "Python packages"],
  ["[model-a passed 1/1] RUN python /stage/gate.py", "gate"],
  [`[a base 1/1] FROM docker.io/library/alpine:3.23@sha256:${"a".repeat(64)}`, "pulling alpine:3.23"],
  [
    "[a source 1/1] FROM public.ecr.aws/lambda/provided:al2023",
    "pulling public.ecr.aws/lambda/provided:al2023",
  ],
  ["[a] exporting to image", "exporting"],
  ["[a packages 4/5] COPY package.json ./", ""],
])("what a step does, in a few words: %s", (name, title) => {
  expect(stepTitle(parseStepName(name) as StepName)).toBe(title);
});
