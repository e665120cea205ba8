/**
 * What a test of the whole matrix costs: `make bench-test`, or `node test/bench/test.ts [--check] [--json]`. `mkimage test` of
 * the eight images, against eight times `docker run`, `curl` and `docker rm`, one after the other, as people do it by hand: one
 * answer of each, and no check. By turns; the least of each. The images of the other architecture are emulated in both.
 */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { TOOL_ROOT } from "../../build/tool-root.ts";
import { makeProject } from "../support/project.ts";
import { type Figure, report } from "./figure.ts";

const ROUNDS = 3;
const EVENT = '{"inputs":"hello world"}';
const ADDRESS = "http://127.0.0.1:9000/2015-03-31/functions/function/invocations";

interface Built {
  readonly reference: string;
  readonly platform: string;
}

const text = (program: string, args: readonly string[], cwd?: string): string =>
  execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], cwd }).trim();

/** One image as people try it by hand, until it has answered. */
function byHand({ reference, platform }: Built): void {
  const id = text("docker", [
    "run",
    "--detach",
    "--platform",
    platform,
    "--publish",
    "127.0.0.1::8080",
    reference,
  ]);
  try {
    const port = text("docker", ["port", id, "8080"]).split(":").at(-1);
    const url = ADDRESS.replace("9000", port ?? "");
    const retry = ["--retry", "60", "--retry-delay", "0", "--retry-all-errors", "--retry-max-time", "120"];
    const answer = text("curl", ["--silent", "--show-error", ...retry, "--data", EVENT, url]);
    if (!answer.startsWith("[")) throw new Error(`${reference}: ${answer}`);
  } finally {
    text("docker", ["rm", "--force", "--volumes", id]);
  }
}

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}

const project = await makeProject();
try {
  const cli = join(TOOL_ROOT, "build/cli.ts");
  const tool = (...args: string[]) => text(process.execPath, [cli, ...args], project.folder);
  const built = JSON.parse(tool("build", "--json")) as Built[];
  const rounds = Array.from({ length: ROUNDS }, () => ({
    tool: timed(() => tool("test")),
    hand: timed(() => built.forEach(byHand)),
  }));
  const figure: Figure = {
    name: `mkimage test of ${built.length} images`,
    against: `${built.length} × docker run, curl, docker rm`,
    ours: Math.min(...rounds.map((round) => round.tool)),
    theirs: Math.min(...rounds.map((round) => round.hand)),
    unit: "s",
    goal: 0.6,
  };
  report([figure]);
} finally {
  await project.remove();
  rmSync(project.folder, { recursive: true, force: true });
}
