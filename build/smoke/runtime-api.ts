import { z } from "zod";

/** Port of the Runtime API in the emulator as well. */
const PORT = 9001;

/** What a runtime is told in place of the emulator's address. */
export const RUNTIME_API = `AWS_LAMBDA_RUNTIME_API=127.0.0.1:${PORT}`;

/**
 * Lambda's Runtime API for one event, which it reads from stdin; prints a line for each piece of the reply as it arrives.
 * The emulator holds a streamed reply back until its end. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export const RUNTIME_API_SERVER = `
const { createServer } = require("node:http");
const { text } = require("node:stream/consumers");
const seconds = Number(process.argv[1]);
const tell = (line) => process.stdout.write(JSON.stringify(line) + "\\n");
const errorIn = (trailers) => {
  const body = trailers["lambda-runtime-function-error-body"];
  return body ? Buffer.from(body, "base64").toString() : trailers["lambda-runtime-function-error-type"];
};
let start;
let given = false;
async function reply(request) {
  for await (const piece of request) tell({ piece: piece.toString("base64") });
  const error = errorIn(request.trailers);
  tell(error ? { error } : { milliseconds: performance.now() - start });
}
async function answer(event, request, response) {
  const route = request.url.replace("/2018-06-01/runtime/", "");
  if (route === "invocation/next") {
    // One event is all there is: whoever asks again waits.
    if (given) return;
    given = true;
    response.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": "00000000-0000-4000-8000-000000000000",
      "lambda-runtime-deadline-ms": String(Date.now() + seconds * 1000),
      "lambda-runtime-invoked-function-arn": "arn:aws:lambda:us-east-1:012345678912:function:function",
    });
    return response.end(event);
  }
  if (/^invocation\\/[^/]+\\/response$/.test(route)) await reply(request);
  else if (/error$/.test(route)) tell({ error: await text(request) });
  else return response.writeHead(404).end();
  response.writeHead(202, { "content-type": "application/json" }).end('{"status":"OK"}');
}
(async () => {
  const event = await text(process.stdin);
  const server = createServer((request, response) => answer(event, request, response).catch((error) => tell({ error: String(error) })));
  server.listen(${PORT}, "127.0.0.1", () => {
    start = performance.now();
    tell({ listening: true });
  });
  setTimeout(() => {
    tell({ error: "Task timed out after " + seconds + ".00 seconds" });
  }, seconds * 1000).unref();
})();`;

/** A line of what it prints. */
export const runtimeLine = z.union([
  z.object({ listening: z.literal(true) }),
  z.object({ piece: z.base64().transform((text) => Buffer.from(text, "base64")) }),
  z.object({ error: z.string() }),
  z.object({ milliseconds: z.number() }),
]);
