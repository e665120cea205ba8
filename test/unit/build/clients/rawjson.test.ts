import { expect, test } from "vitest";
import { type BuildStatus, StatusReader } from "../../../../build/clients/rawjson.ts";

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
  const told: BuildStatus[] = [];
  const reader = new StatusReader((status) => told.push(status));
  for (const line of lines) reader.read(line);
  return { reader, told, steps: told.flatMap(({ steps }) => steps) };
}

test("a step is told with its times, by the builder's clock", () => {
  const { steps, reader } = readAll([
    JSON.stringify({ vertexes: [{ digest: A, name: "[node 2/2] RUN npm ci" }] }),
    JSON.stringify({ vertexes: [{ digest: A, name: "[node 2/2] RUN npm ci", started: START }] }),
    vertex(A, "[node 2/2] RUN npm ci"),
    vertex(A, "[node 2/2] RUN npm ci", { cached: true }),
  ]);
  const step = { digest: A, name: "[node 2/2] RUN npm ci", cached: false, error: "" };
  const started = Date.parse(START);
  expect(steps).toEqual([
    { ...step, started: undefined, completed: undefined },
    { ...step, started, completed: undefined },
    { ...step, started, completed: Date.parse(END) },
    { ...step, started, completed: Date.parse(END), cached: true },
  ]);
  expect(reader.failure()).toBeUndefined();
});

test("output and bytes are told with the step that they belong to", () => {
  const { told } = readAll([
    log(A, "added 300 packages\n"),
    '{"statuses":[{"id":"sha256:1","vertex":"sha256:2","name":"downloading","current":5,"total":10,"timestamp":"0001-01-01T00:00:00Z"}]}',
  ]);
  expect(told).toEqual([
    { steps: [], transfers: [], output: [{ step: A, text: "added 300 packages\n" }] },
    { steps: [], transfers: [{ step: "sha256:2", id: "sha256:1", current: 5, total: 10 }], output: [] },
  ]);
});

test("the failing step is kept with its own last lines, in the order they came", () => {
  const { reader } = readAll([
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
  const { reader, steps } = readAll([
    "Dockerfile:2",
    "",
    "{ not JSON",
    '{"statuses":[{"id":"transferring dockerfile:","vertex":"sha256:00","current":29}]}',
    '{"vertexes":null,"logs":null}',
    "ERROR: target bad: failed to solve",
  ]);
  expect(reader.messages).toEqual(["Dockerfile:2", "{ not JSON", "ERROR: target bad: failed to solve"]);
  expect(steps).toEqual([]);
});
