/**
 * The script that measures inside a sandbox: it plays Lambda's Runtime API for the function's program, so that neither the
 * emulator nor the engine is in the figures. It reads one line of JSON, what to do, and prints one, what was measured.
 *
 * `{ command, env, event, cold, warmUp, warm }` → `{ starts: [{ milliseconds, steps }], calls: [milliseconds], peakMB, answer }`,
 * or `{ fault }`. Every start is a new process; the calls are all to the last one, after `warmUp` calls that do not count.
 */
export const PROGRAM = `
const { createServer } = require("node:http");
const { spawn } = require("node:child_process");
const { readFileSync } = require("node:fs");
const { text } = require("node:stream/consumers");

const peakOf = (pid) => Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/" + pid + "/status", "utf8"))[1]) / 1024;

/** Starts the program, has it answer the event so often, and ends it. */
const play = ({ command, env, event, limit = 900000 }, count) => new Promise((resolve, reject) => {
  const found = { times: [], total: 0, peakMB: 0, steps: {} };
  let child, started, handed, timer, log = "", over = false;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => end(new Error("it has not answered within " + limit / 1000 + " s")), limit);
  };
  const end = (error) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    child.kill("SIGKILL");
    server.closeAllConnections();
    server.close(() => (error ? reject(error) : resolve(found)));
  };
  const server = createServer(async (request, response) => {
    if (request.method === "GET") {
      if (found.times.length >= count) return end();
      wait();
      handed = performance.now();
      response.writeHead(200, {
        "Lambda-Runtime-Aws-Request-Id": "1",
        "Lambda-Runtime-Deadline-Ms": String(Date.now() + limit),
        "Content-Type": "application/json",
      });
      return response.end(event);
    }
    const body = await text(request);
    const now = performance.now();
    if (/\\/error$/.test(request.url)) return end(new Error(body.slice(0, 500)));
    if (found.times.length === 0) Object.assign(found, { total: now - started, answer: body });
    found.times.push(now - handed);
    found.peakMB = peakOf(child.pid);
    response.writeHead(202).end("{}");
  });
  server.listen(0, "127.0.0.1", () => {
    const api = "127.0.0.1:" + server.address().port;
    const all = { ...process.env, ...env, AWS_LAMBDA_RUNTIME_API: api, AWS_LAMBDA_LOG_LEVEL: "DEBUG" };
    wait();
    started = performance.now();
    child = spawn(command[0], command.slice(1), { env: all, stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.on("data", (chunk) => {
      log = (log + chunk).slice(-20000);
      const line = /^\\{.*"milliseconds":(\\{[^}]*\\}).*"message":"started".*$/m.exec(log);
      try {
        if (line) found.steps = JSON.parse(line[1]);
      } catch {}
    });
    child.once("error", end);
    child.once("exit", (code, signal) => end(new Error("the program ended with " + (signal || "exit code " + code) + ": " + log.slice(-1000))));
  });
});

(async () => {
  const task = JSON.parse(await text(process.stdin));
  const starts = [];
  for (let each = 0; each < task.cold; each++) {
    const { total, steps } = await play(task, 1);
    starts.push({ milliseconds: total, steps });
  }
  const { times, peakMB, answer } = await play(task, 1 + task.warmUp + task.warm);
  return { starts, calls: times.slice(1 + task.warmUp), peakMB, answer };
})().catch((error) => ({ fault: error.message })).then((found) => process.stdout.write(JSON.stringify(found)));`;
