import { expect, test } from "vitest";
import { ProgressReader } from "../../../../build/clients/rawjson.ts";

const A = `sha256:${"a".repeat(64)}`;
const B = `sha256:${"b".repeat(64)}`;

// Lines as buildx 0.34 with BuildKit 0.31 writes them for two targets, of which `bad` fails while `slow` runs.
const START = "2026-11-23T13:54:45.622656764Z";
const END = "2026-11-23T13:54:46.898241114Z";
const vertex = (digest: string, name: string, more: object = {}) =>
  JSON.stringify({ vertexes: [{ digest, inputs: [B], name, started: START, completed: END, ...more }] });
const log = (digest: string, text: string) =>
  JSON.stringify({
    logs: [{ vertex: digest, stream: 1, data: Buffer.from(text).toString("base64"), timestamp: END }],
  });
const FAILED = 'process "/bin/sh -c npm ci" did not complete successfully: exit code: 7';
const CANCELED =
  'process "/bin/sh -c sleep 30" did not complete successfully: exit code: 137: context canceled: context canceled';

function readAll(lines: readonly string[]) {
  const printed: string[] = [];
  const reader = new ProgressReader((line) => printed.push(line));
  for (const line of lines) reader.read(line);
  return { reader, printed };
}

test("a finished step is one plain line with its time", () => {
  const { printed, reader } = readAll([
    JSON.stringify({ vertexes: [{ digest: A, name: "[node 2/2] RUN npm ci" }] }),
    JSON.stringify({ vertexes: [{ digest: A, name: "[node 2/2] RUN npm ci", started: START }] }),
    vertex(A, "[node 2/2] RUN npm ci"),
  ]);
  expect(printed).toEqual(["[node 2/2] RUN npm ci 1.3 s"]);
  expect(reader.failure()).toBeUndefined();
});

test("a step that is reported twice is printed once", () => {
  expect(
    readAll([vertex(A, "[x] FROM debian"), vertex(A, "[x] FROM debian", { cached: true })]).printed,
  ).toEqual(["[x] FROM debian 1.3 s"]);
});

test("a step from the cache says so", () => {
  expect(readAll([vertex(A, "[x] COPY . .", { cached: true })]).printed).toEqual(["[x] COPY . . (cached)"]);
});

test.each([
  [
    "[node stage 2/2] RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=ca   --network=none <<SCRIPT (set -eu...)",
    "[node stage 2/2] RUN set -eu...",
  ],
  [
    `[node 1/2] FROM docker.io/library/node:24@sha256:${"a".repeat(64)}`,
    "[node 1/2] FROM docker.io/library/node:24",
  ],
])("a step's name is without what nobody reads: %s", (name, short) => {
  expect(readAll([vertex(A, name)]).printed).toEqual([`${short} 1.3 s`]);
});

test("a step that never started took no time", () => {
  expect(
    readAll([JSON.stringify({ vertexes: [{ digest: A, name: "exporting", completed: END }] })]).printed,
  ).toEqual(["exporting 0.0 s"]);
});

test.each([
  "[internal] load local bake definitions",
  "[slow internal] load .dockerignore",
  "[model-minilm-fp32 context files] load from client",
  "[context files] load .dockerignore",
  "[embed-alpine-arm64 function 2/7] LINK COPY --link --from=node / /",
])("BuildKit's own step is not printed: %s", (name) => {
  expect(readAll([vertex(A, name)]).printed).toEqual([]);
});

test("the failing step is kept with its own last lines, in the order they came", () => {
  const { reader, printed } = readAll([
    log(A, "first\nsec"),
    log(B, "waiting\n"),
    log(A, "ond\n"),
    log(A, "the real cause\n"),
    vertex(A, "[bad 2/2] RUN npm ci", { error: FAILED }),
  ]);
  expect(reader.failure()).toEqual({
    name: "[bad 2/2] RUN npm ci",
    error: FAILED,
    lines: ["first", "second", "the real cause"],
  });
  expect(printed).toEqual([]);
});

test("of a long output the last 25 lines are kept", () => {
  const output = Array.from({ length: 1000 }, (_, index) => log(A, `line ${index}\n`));
  const { reader } = readAll([...output, vertex(A, "RUN", { error: FAILED })]);
  const { lines = [] } = reader.failure() ?? {};
  expect(lines).toHaveLength(25);
  expect([lines[0], lines.at(-1)]).toEqual(["line 975", "line 999"]);
});

test("a step that was canceled because another one failed is not a failure", () => {
  const canceled = vertex(B, "[slow 2/2] RUN sleep 30", { error: CANCELED });
  const failed = vertex(A, "[bad 2/2] RUN npm ci", { error: FAILED });
  expect(readAll([canceled]).reader.failure()).toBeUndefined();
  expect(readAll([canceled, failed]).reader.failure()?.name).toBe("[bad 2/2] RUN npm ci");
  expect(readAll([failed, canceled]).reader.failure()?.name).toBe("[bad 2/2] RUN npm ci");
});

test("a step that fails after it was resolved is a failure", () => {
  const { reader } = readAll([
    vertex(A, "[x 1/2] FROM debian"),
    vertex(A, "[x 1/2] FROM debian", { error: "write /var/lib/x: no space left on device" }),
  ]);
  expect(reader.failure()).toMatchObject({ error: "write /var/lib/x: no space left on device", lines: [] });
});

test("of several failures the first one is told", () => {
  const { reader } = readAll([
    vertex(A, "RUN one", { error: FAILED }),
    vertex(B, "RUN two", { error: FAILED }),
    vertex(A, "RUN one", { error: FAILED }),
  ]);
  expect(reader.failure()?.name).toBe("RUN one");
});

test("lines that are not of the status stream are kept as buildx's own messages", () => {
  const { reader, printed } = readAll([
    "Dockerfile:2",
    "",
    "{ not JSON",
    '{"statuses":[{"id":"transferring dockerfile:","vertex":"sha256:00","current":29}]}',
    '{"vertexes":null,"logs":null}',
    "ERROR: target bad: failed to solve",
  ]);
  expect(reader.messages).toEqual(["Dockerfile:2", "{ not JSON", "ERROR: target bad: failed to solve"]);
  expect(printed).toEqual([]);
});
