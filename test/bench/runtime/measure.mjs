// Runs inside a container: `node measure.mjs start PROGRAM…`, or with `calls` or `inside` in its place, prints JSON.
// The program speaks with a Runtime API that this script plays.
const { createServer } = process.getBuiltinModule("node:http");
const { spawn } = process.getBuiltinModule("node:child_process");
const { readFileSync } = process.getBuiltinModule("node:fs");

const [what, ...program] = process.argv.slice(2);
const SENTENCE = "the quick brown fox jumps over the lazy dog";
const TEXTS = {
  short: SENTENCE.concat(" again"),
  long: `${SENTENCE} `.repeat(20),
  batch: Array.from({ length: 32 }, (_, i) => `${SENTENCE} number ${i}`),
};

const peakOf = (pid) =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** Starts the program; `next` gives the body of each event, or undefined to end; `answered` is told of each answer. */
function play(next, answered) {
  return new Promise((done) => {
    let child;
    let started;
    let handed;
    const end = () => {
      child.kill("SIGKILL"); // it may have ended by itself
      server.closeAllConnections();
      server.close(done);
    };
    const server = createServer((request, response) => {
      if (request.method === "GET") {
        const body = next();
        if (body === undefined) return end();
        handed = performance.now();
        const deadline = String(Date.now() + 60_000);
        response.writeHead(200, {
          "Lambda-Runtime-Aws-Request-Id": "1",
          "Lambda-Runtime-Deadline-Ms": deadline,
        });
        response.end(body);
        return;
      }
      const chunks = [];
      request
        .on("data", (chunk) => chunks.push(chunk))
        .on("end", () => {
          const now = performance.now();
          answered({
            sinceStart: now - started,
            sinceEvent: now - handed,
            peak: peakOf(child.pid),
            body: String(Buffer.concat(chunks)),
          });
          response.writeHead(202).end("{}");
        });
    });
    server.listen(0, "127.0.0.1", () => {
      const env = { ...process.env, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${server.address().port}` };
      started = performance.now();
      child = spawn(program[0], program.slice(1), { env, stdio: ["ignore", "inherit", "inherit"] });
      child.once("exit", end);
    });
  });
}

async function start() {
  let answer;
  const events = [JSON.stringify({ inputs: SENTENCE })];
  await play(
    () => events.shift(),
    (one) => {
      answer = one;
    },
  );
  return { milliseconds: answer.sinceStart, peak: answer.peak, numbers: JSON.parse(answer.body).length };
}

/** Medians of the milliseconds of events by their kind: of the whole call, or those that the program tells. */
async function ask(queue) {
  const times = new Map(queue.map(({ kind }) => [kind, []]));
  let current;
  const next = () => {
    current = queue.shift();
    if (!current) return undefined;
    const { kind: _, ...event } = current;
    return JSON.stringify(event);
  };
  await play(next, ({ sinceEvent, body }) => {
    const { kind, parameters } = current;
    const told = parameters?.server ? JSON.parse(body).server.timings.total : sinceEvent;
    times.get(kind).push(told);
  });
  return Object.fromEntries([...times].map(([kind, all]) => [kind, median(all)]));
}

const rounds = (events) => Array.from({ length: 60 }, (_, round) => events(round)).flat();
const kinds = ["short", "long"];

const calls = () =>
  ask(
    rounds((round) => [
      ...kinds.map((kind) => ({ kind, inputs: TEXTS[kind] })),
      ...(round % 3 === 0 ? [{ kind: "batch", inputs: TEXTS.batch }] : []),
      ...(round % 3 === 0 ? TEXTS.batch.map((inputs) => ({ kind: "alone", inputs })) : []),
    ]),
  );

const inside = () =>
  ask(rounds(() => kinds.map((kind) => ({ kind, inputs: TEXTS[kind], parameters: { server: true } }))));

process.stdout.write(JSON.stringify(await { start, calls, inside }[what]()));
