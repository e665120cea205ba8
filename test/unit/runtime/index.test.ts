import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinyOnnx } from "../../support/tiny-onnx.ts";
import { TINY_TOKENIZER } from "../../support/tiny-tokenizer.ts";
import { fakeRuntimeApi } from "./lambda/fake-runtime-api.ts";

const PROGRAM = join(import.meta.dirname, "../../../runtime/index.ts");

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "mkimage-runtime-"));
  await mkdir(join(root, "models/tiny"), { recursive: true });
  const manifest = {
    name: "tiny",
    task: "feature-extraction",
    maxTokens: 8,
    pooling: "mean",
    normalize: false,
  };
  await writeFile(join(root, "models/tiny/mkimage.json"), JSON.stringify(manifest));
  await writeFile(join(root, "models/tiny/tokenizer.json"), JSON.stringify(TINY_TOKENIZER));
  await writeFile(join(root, "models/tiny/model.onnx"), tinyOnnx());
});
afterAll(() => rm(root, { recursive: true }));

/** Starts the runtime as the image does: no HOME, nothing of this process's environment. */
function start(env: Record<string, string>) {
  const child = spawn(process.execPath, ["--no-warnings", PROGRAM], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { child, output: Promise.all([text(child.stdout), text(child.stderr)]), exit: exitCode(child) };
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, "exit");
  return code;
}

test("a real graph answers, nothing is printed, and SIGTERM ends it cleanly", async () => {
  await using server = await fakeRuntimeApi([
    { body: '{"inputs":"a b"}' },
    { body: '{"inputs":["c","a"]}' },
    { body: '{"inputs":[]}' },
    { body: '{"body":"{\\"inputs\\":\\"a\\"}","requestContext":{}}' },
  ]);
  const { child, output, exit } = start({
    AWS_LAMBDA_RUNTIME_API: server.host,
    MKIMAGE_MODELS_DIR: join(root, "models"),
  });
  await Promise.race([server.idle, exit]);
  child.kill("SIGTERM");
  expect(await exit).toBe(0);
  expect(await output).toEqual(["", ""]);
  expect(server.posted.map(({ json }) => json)).toEqual([
    [3.5],
    [[11 / 3], [3]].map(([value = 0]) => [expect.closeTo(value, 6)]),
    { errorType: "BadRequest", errorMessage: "inputs: the list is empty", stackTrace: [] },
    { statusCode: 200, headers: { "content-type": "application/json" }, body: "[3]", isBase64Encoded: false },
  ]);
});

test.each([
  { about: "no model", dir: "nowhere", model: "", message: "there is no model in this image" },
  { about: "an unknown default", dir: "models", model: "huge", message: 'MKIMAGE_MODEL is "huge"' },
])("$about: init/error, a line in the log, exit 1", async ({ dir, model, message }) => {
  await using server = await fakeRuntimeApi([]);
  const env = { MKIMAGE_MODELS_DIR: join(root, dir), MKIMAGE_MODEL: model };
  const { output, exit } = start({ AWS_LAMBDA_RUNTIME_API: server.host, ...env });
  expect(await exit).toBe(1);
  expect(server.posted).toMatchObject([
    { path: "init/error", json: { errorType: "Error", errorMessage: expect.stringContaining(message) } },
  ]);
  expect(JSON.parse((await output)[1])).toMatchObject({
    level: "ERROR",
    errorMessage: expect.stringContaining(message),
  });
});

test("a broken model file: init/error names it", async () => {
  await mkdir(join(root, "broken/m"), { recursive: true });
  await writeFile(
    join(root, "broken/m/mkimage.json"),
    '{"name":"m","task":"feature-extraction","maxTokens":8}',
  );
  await writeFile(join(root, "broken/m/tokenizer.json"), JSON.stringify(TINY_TOKENIZER));
  await writeFile(join(root, "broken/m/model.onnx"), "not a graph");
  await using server = await fakeRuntimeApi([]);
  const { exit } = start({ AWS_LAMBDA_RUNTIME_API: server.host, MKIMAGE_MODELS_DIR: join(root, "broken") });
  expect(await exit).toBe(1);
  expect(server.posted).toMatchObject([
    { json: { errorMessage: expect.stringContaining("broken/m/model.onnx") } },
  ]);
});

test("outside Lambda and the emulator it says how to start it", async () => {
  const { output, exit } = start({});
  expect(await exit).toBe(1);
  expect((await output)[1]).toContain("/lambda-entrypoint.sh");
});

test("with SnapStart the last step of init is to wait for the restored copy", async () => {
  await using server = await fakeRuntimeApi([{ body: '{"inputs":"a b"}' }]);
  const env = { AWS_LAMBDA_INITIALIZATION_TYPE: "snap-start", MKIMAGE_MODELS_DIR: join(root, "models") };
  const { child, exit } = start({ AWS_LAMBDA_RUNTIME_API: server.host, ...env });
  await Promise.race([server.idle, exit]);
  child.kill("SIGTERM");
  expect(await exit).toBe(0);
  expect(server.restores()).toBe(1);
  expect(server.posted.map(({ json }) => json)).toEqual([[3.5]]);
});

test("several invocations at once with AWS_LAMBDA_MAX_CONCURRENCY", async () => {
  await using server = await fakeRuntimeApi(Array.from({ length: 5 }, () => ({ body: '{"inputs":"a b"}' })));
  const env = { AWS_LAMBDA_MAX_CONCURRENCY: "3", MKIMAGE_MODELS_DIR: join(root, "models") };
  const { child, exit } = start({ AWS_LAMBDA_RUNTIME_API: server.host, ...env });
  await Promise.race([server.idle, exit]);
  child.kill("SIGTERM");
  expect(await exit).toBe(0);
  expect(server.posted.map(({ json }) => json)).toEqual(Array(5).fill([3.5]));
});

/** Starts the runtime with a handler of a project's own, as the image does, and gives what it posted. */
async function withHandler(code: string, events: string[], endBy: NodeJS.Signals = "SIGTERM") {
  const file = join(root, `handler-${events.length}-${code.length}.mjs`);
  await writeFile(file, code);
  await using server = await fakeRuntimeApi(events.map((body) => ({ body })));
  const env = { MKIMAGE_HANDLER: file, MKIMAGE_MODELS_DIR: join(root, "models") };
  const { child, exit, output } = start({ AWS_LAMBDA_RUNTIME_API: server.host, ...env });
  await Promise.race([server.idle, exit]);
  child.kill(endBy);
  return { code: await exit, posted: server.posted, log: (await output)[1] };
}

test("a project's own handler answers, after its init, with the model and with the default handling", async () => {
  const { code, posted } = await withHandler(
    `let known;
     export const init = async ({ pipeline, models }) => { known = [models, await pipeline({ inputs: "a" })]; };
     export default async (event, { pipeline, next }) => {
       if ("fail" in event) throw new RangeError("boom");
       return { known, own: await pipeline({ inputs: event.text }), next: await next({ inputs: event.text }) };
     };`,
    ['{"text":"a b"}', '{"fail":1}'],
  );
  expect(code).toBe(0);
  expect(posted.map(({ path, json }) => [path, json])).toEqual([
    [
      "invocation/request-1/response",
      {
        known: [[{ name: "tiny", task: "feature-extraction", default: true }], [3]],
        own: [3.5],
        next: [3.5],
      },
    ],
    [
      "invocation/request-2/error",
      {
        errorType: "RangeError",
        errorMessage: "boom",
        stackTrace: expect.arrayContaining([expect.stringMatching(/handler-2-\d+\.mjs:4:/)]),
      },
    ],
  ]);
});

test.each([
  {
    about: "does not load",
    code: 'throw new RangeError("at load");',
    type: "RangeError",
    message: "at load",
  },
  {
    about: "has an init that fails",
    code: 'export default () => 1; export async function init() { throw new RangeError("in init"); }',
    type: "RangeError",
    message: "in init",
  },
  {
    about: "is no function",
    code: "export default { fetch() {} };",
    type: "TypeError",
    message: "the handler's default export is not a function",
  },
  {
    about: "has an init that is no function",
    code: "export default () => 1; export const init = 7;",
    type: "TypeError",
    message: "the handler's export `init` is not a function",
  },
])("a handler that $about: init/error with type and stack, a line in the log, exit 1", async (wrong) => {
  const { code, posted, log } = await withHandler(wrong.code, []);
  expect(code).toBe(1);
  expect(posted).toMatchObject([
    {
      path: "init/error",
      json: {
        errorType: wrong.type,
        errorMessage: wrong.message,
        stackTrace: expect.arrayContaining([expect.stringContaining("at ")]),
      },
    },
  ]);
  expect(JSON.parse(log)).toMatchObject({ level: "ERROR", errorMessage: wrong.message });
});

/** What is left of a log line when the moment is taken away. */
const lines = (log: string) =>
  log
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const later = "await new Promise((done) => setTimeout(done, 5000));";

test.each([
  {
    about: "a timer throws",
    code: `setTimeout(() => { throw new RangeError("in a timer"); }, 1); ${later}`,
    exit: 129,
    errorType: "RangeError",
    errorMessage: "in a timer",
  },
  {
    about: "a promise that nobody awaits is rejected",
    code: `Promise.reject(new RangeError("floating")); ${later}`,
    exit: 128,
    errorType: "Runtime.UnhandledPromiseRejection",
    errorMessage: "RangeError: floating",
  },
  {
    about: "it is rejected with no error",
    code: `Promise.reject(Object.create(null)); ${later}`,
    exit: 128,
    errorType: "Runtime.UnhandledPromiseRejection",
    errorMessage: "object: it cannot be converted to text",
  },
  {
    about: "nobody awaits the model's refusal",
    code: `pipeline({ inputs: 5 }); ${later}`,
    exit: 128,
    errorType: "Runtime.UnhandledPromiseRejection",
    errorMessage: "BadRequest: inputs: expected a text or a list of texts",
  },
  {
    about: "several go wrong at once",
    code: `for (const i of [1, 2]) setTimeout(() => { throw new Error("timer " + i); }, 1); ${later}`,
    exit: 129,
    errorType: "Error",
    errorMessage: "timer 1",
  },
])(
  "$about outside the handler's call: the invocation's error, JSON in the log, the end of the process",
  async (wrong) => {
    const { code, posted, log } = await withHandler(
      `export default async (event, { pipeline }) => { if (event === 1) return 1; ${wrong.code} };`,
      ["1", "2", "3"],
    );
    const { errorType, errorMessage } = wrong;
    expect(code).toBe(wrong.exit);
    expect(posted.map(({ path, json }) => [path, json])).toEqual([
      ["invocation/request-1/response", 1],
      ["invocation/request-2/error", expect.objectContaining({ errorType, errorMessage })],
    ]);
    expect(lines(log)[0]).toMatchObject({ level: "ERROR", requestId: "request-2", errorType, errorMessage });
    for (const line of lines(log)) expect(line).toMatchObject({ level: "ERROR", requestId: "request-2" });
  },
);

test("after the answer: logged with the id of the last request, and no answer is taken back", async () => {
  const { code, posted, log } = await withHandler(
    `process.once("SIGUSR2", () => { throw new Error("late"); }); export default async () => "done";`,
    ["1"],
    "SIGUSR2",
  );
  expect(code).toBe(129);
  expect(posted).toMatchObject([{ path: "invocation/request-1/response", json: "done" }]);
  expect(lines(log)).toMatchObject([{ level: "ERROR", requestId: "request-1", errorMessage: "late" }]);
});

test("before the first event it is an error of init", async () => {
  const { code, posted, log } = await withHandler(
    `setTimeout(() => { throw new RangeError("while loading"); }); ${later} export default () => 1;`,
    [],
  );
  expect(code).toBe(129);
  expect(posted).toMatchObject([{ path: "init/error", json: { errorType: "RangeError" } }]);
  expect(lines(log)).toMatchObject([{ level: "ERROR", errorMessage: "while loading" }]);
});

test("a promise that nothing will settle is an error of init, not a silent end", async () => {
  const { code, posted, log } = await withHandler("await new Promise(() => {}); export default () => 1;", []);
  expect(code).toBe(13);
  expect(posted).toMatchObject([{ path: "init/error", json: { errorType: "Runtime.NodeJsExit" } }]);
  expect(lines(log)).toMatchObject([{ level: "ERROR", message: "nothing is left to wait for" }]);
});

test("warnings of Node are lines in JSON", async () => {
  const { log } = await withHandler(
    `export default async () => { process.emitWarning("old", "DeprecationWarning"); return 1; };`,
    ["1"],
  );
  expect(lines(log)).toMatchObject([{ level: "WARN", errorType: "DeprecationWarning", errorMessage: "old" }]);
});
