import { z } from "zod";

/** Port of the Runtime API in the emulator as well. */
const PORT = 9001;

/** What a runtime is told in place of the emulator's address. */
export const RUNTIME_API = `AWS_LAMBDA_RUNTIME_API=127.0.0.1:${PORT}`;

/** What the server below is started with. */
export interface ApiPlan {
  /** JSON texts, handed out in this order. */
  readonly events: readonly string[];
  /** Seconds from the start of the function to its last answer. */
  readonly seconds: number;
  /** The first events wait until so many are asked for at once, or for two seconds. */
  readonly atOnce: number;
}

/**
 * Lambda's Runtime API; its plan is the JSON on stdin. Prints a line for each thing that a runtime asks for or answers, and
 * for each piece of a reply as it arrives, where the emulator takes one event at a time and holds a streamed reply back
 * until its end. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export const RUNTIME_API_SERVER = `
const { randomUUID } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { text } = require("node:stream/consumers");
const tell = (line) => process.stdout.write(JSON.stringify(line) + "\\n");
const errorIn = (trailers) => {
  const body = trailers["lambda-runtime-function-error-body"];
  return body ? Buffer.from(body, "base64").toString() : trailers["lambda-runtime-function-error-type"];
};
/** Connections to other machines: state 01 is ESTABLISHED in proc(5), addresses are words of hexadecimal digits, little-endian. */
const connections = () => ["tcp", "tcp6"].flatMap((name) => {
  try {
    return readFileSync("/proc/net/" + name, "utf8").trim().split("\\n").slice(1).flatMap((line) => {
      const [, , remote, state] = line.trim().split(/\\s+/);
      const [address, port] = remote.split(":");
      const is4 = address.length === 8 || /^0{16}FFFF0000/i.test(address);
      const [d, c, b, a] = Buffer.from(address.slice(-8), "hex");
      const isOwn = is4 ? a === 127 : /^0{24}01000000$/.test(address);
      const host = is4 ? [a, b, c, d].join(".") : "IPv6";
      return state === "01" && !isOwn ? [host + ":" + parseInt(port, 16)] : [];
    });
  } catch { return []; }
});
let plan;
const asked = [];
const given = new Map();
let [next, answered, open] = [0, 0, false];
function deal() {
  if (!open && asked.length < plan.atOnce) return;
  open = true;
  while (asked.length > 0 && next < plan.events.length) {
    const response = asked.shift();
    const id = randomUUID();
    given.set(id, { index: next, start: performance.now() });
    tell({ given: next });
    response.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": id,
      "lambda-runtime-deadline-ms": String(Date.now() + plan.seconds * 1000),
      "lambda-runtime-invoked-function-arn": "arn:aws:lambda:us-east-1:012345678912:function:function",
      "lambda-runtime-trace-id": "Root=1-" + Math.floor(Date.now() / 1000).toString(16) + "-" + id.replaceAll("-", "").slice(0, 24) + ";Sampled=0",
    });
    response.end(plan.events[next++]);
  }
  if (answered === plan.events.length && asked.length > 0) tell({ waits: true });
}
function ask(response) {
  asked.push(response);
  response.on("close", () => asked.includes(response) && asked.splice(asked.indexOf(response), 1));
  if (!open) setTimeout(() => { open = true; deal(); }, 2000);
  deal();
}
async function take(id, kind, request) {
  const event = given.get(id);
  if (!event || event.done) {
    await text(request);
    return tell({ error: event ? "it answered an event twice" : "it answered an event that it was not given" });
  }
  event.done = true;
  const { index } = event;
  let error;
  if (kind === "error") error = await text(request);
  else {
    for await (const piece of request) tell({ index, piece: piece.toString("base64") });
    error = errorIn(request.trailers);
  }
  answered++;
  tell(error === undefined ? { index, milliseconds: performance.now() - (index === 0 ? start : event.start) } : { index, error });
}
let start;
/** What is not this request's connection is closed, as after a restore from a snapshot. */
function restore(server, request, response) {
  tell({ restored: connections(), at: Date.now() });
  response.shouldKeepAlive = false;
  for (const socket of sockets) if (socket !== request.socket) socket.destroy();
  response.writeHead(200, { "content-type": "application/json" }).end("{}");
}
const sockets = new Set();
async function answer(server, request, response) {
  const route = request.url.replace("/2018-06-01/runtime/", "");
  if (route === "invocation/next") return ask(response);
  if (route === "restore/next") return restore(server, request, response);
  const [, id, kind] = /^invocation\\/([^/]+)\\/(response|error)$/.exec(route) ?? [];
  if (id) await take(id, kind, request);
  else if (/^(?:init|restore)\\/error$/.test(route)) tell({ error: await text(request) });
  else return response.writeHead(404).end();
  response.writeHead(202, { "content-type": "application/json" }).end('{"status":"OK"}');
}
(async () => {
  plan = JSON.parse(await text(process.stdin));
  const server = createServer((request, response) => answer(server, request, response).catch((error) => tell({ error: String(error) })));
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.keepAliveTimeout = 0;
  server.listen(${PORT}, "127.0.0.1", () => {
    start = performance.now();
    tell({ listening: true });
  });
  setTimeout(() => {
    tell({ error: "Task timed out after " + plan.seconds + ".00 seconds" });
  }, plan.seconds * 1000).unref();
})();`;

/** A line of what it prints; `index` is an event's place in the plan. */
const runtimeLine = z.union([
  z.object({ listening: z.literal(true) }),
  z.object({ given: z.number() }),
  z.object({ index: z.number(), piece: z.base64().transform((text) => Buffer.from(text, "base64")) }),
  /** The end of an answer; milliseconds of the first one from the start of the function, of others from the event. */
  z.object({ index: z.number(), milliseconds: z.number() }),
  z.object({ index: z.number().optional(), error: z.string() }),
  /** The call during which the snapshot is taken: the addresses that the function is connected to, and milliseconds since 1970. */
  z.object({ restored: z.array(z.string()), at: z.number() }),
  /** Every event is answered, and it asks for a further one. */
  z.object({ waits: z.literal(true) }),
]);

export type RuntimeLine = z.output<typeof runtimeLine>;

export const parseLine = (line: string): RuntimeLine => runtimeLine.parse(JSON.parse(line));
