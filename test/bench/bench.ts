/**
 * How right `mkimage bench` is: `make bench-bench`, or `node test/bench/bench.ts [--check] [--json]`, with TRIES=10. A known program, which
 * answers after 20 ms, is measured in the place of a function's own; and runs of the same two cells follow one another: each
 * has to name the cell that the run before it has named. For a quiet machine.
 */
import { execFileSync } from "node:child_process";
import { arch } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureRound } from "../../build/bench/measure.ts";
import { ascending, quantile } from "../../build/bench/statistics.ts";
import { connectDocker } from "../../build/clients/docker.ts";
import type { Image } from "../../build/plan/image.ts";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { makeProject } from "../support/project.ts";

const TRIES = Number(process.env.TRIES ?? 10);
const SLEEP = 20;
/** Answers each event after SLEEP milliseconds, which it counts itself: timers are late by up to a millisecond. */
const SLEEPER = `
const { Agent, request } = require("node:http");
const agent = new Agent({ keepAlive: true });
const call = (method, path, body) =>
  new Promise((resolve, reject) => {
    const url = "http://" + process.env.AWS_LAMBDA_RUNTIME_API + "/2018-06-01/runtime/invocation/" + path;
    const sent = request(url, { method, agent }, (response) => response.resume().on("end", () => resolve(response.headers)));
    sent.on("error", reject).end(body);
  });
(async () => {
  for (;;) {
    const { "lambda-runtime-aws-request-id": id } = await call("GET", "next");
    const end = performance.now() + ${SLEEP};
    await new Promise((done) => setTimeout(done, ${SLEEP} - 3));
    while (performance.now() < end);
    await call("POST", id + "/response", "[]");
  }
})();`;

interface Row {
  readonly what: string;
  readonly now: string;
  readonly goal: string;
  readonly met: boolean;
}

const native = arch() === "arm64" ? "arm64" : "amd64";
const CELLS = ["--os", "debian", "--arch", native, "--quantization", "fp32,int8"];
const project = await makeProject();
const tool = (...args: string[]): string =>
  execFileSync(process.execPath, [join(TOOL_ROOT, "build/cli.ts"), ...args], {
    cwd: project.folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });

async function knownProgram(reference: string): Promise<Row> {
  const docker = await connectDocker();
  const { signal } = new AbortController();
  const image = { reference, arch: native, memory: 1769, function: project.function } as Image;
  const round = { event: "{}", memory: 1769, cold: 1, warm: 200 };
  const command = ["/usr/local/bin/node", "--eval", SLEEPER];
  const { calls } = await measureRound(image, round, { docker, signal, command });
  const median = quantile(ascending(calls), 0.5);
  const away = Math.abs(median / SLEEP - 1);
  return {
    what: `p50 of a program that answers after ${SLEEP} ms`,
    now: `${median.toFixed(2)} ms, ${(away * 100).toFixed(1)} % away`,
    goal: "≤ 5 %",
    met: away <= 0.05,
  };
}

/** The cell that a run of its own recommends. */
function recommended(run: number): string {
  const results = join(project.folder, `results-${run}.jsonl`);
  tool("bench", ...CELLS, "--max-time", "40", "--results", results);
  const { best } = JSON.parse(tool("recommend", "--results", results, "--json"));
  return best.figures.name;
}

function sameCell(): Row {
  const named = Array.from({ length: TRIES + 1 }, (_, run) => recommended(run));
  const same = named.slice(1).filter((name, index) => name === named[index]).length;
  return {
    what: `two runs name the same cell (${[...new Set(named)].join(", ")})`,
    now: `${same} of ${TRIES}`,
    goal: "≥ 9 of 10",
    met: same >= 0.9 * TRIES,
  };
}

try {
  const built = JSON.parse(tool("build", ...CELLS, "--json")) as { reference: string }[];
  const rows = [await knownProgram(built[0]?.reference ?? ""), sameCell()];
  const { values } = parseArgs({
    options: { check: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
  });
  const lines = rows.map(
    ({ what, now, goal, met }) => `${what}: ${now} (goal ${goal}: ${met ? "met" : "MISSED"})`,
  );
  process.stdout.write(`${values.json ? JSON.stringify(rows, null, 2) : lines.join("\n")}\n`);
  if (values.check && !rows.every(({ met }) => met)) process.exitCode = 1;
} finally {
  await project.remove();
}
