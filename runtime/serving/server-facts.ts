import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { threadCount } from "../environment/threads.ts";
import type { Timings } from "../request/work.ts";

/**
 * Facts about the machine and the time of each step, for a request with `server: true` that is allowed to have them.
 */
export interface ServerFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly threads: number;
  readonly architecture: string;
  readonly os: string;
  readonly node: string;
  readonly function: string | undefined;
  readonly version: string | undefined;
  readonly memory: number | undefined;
  readonly region: string | undefined;
  readonly model: string;
  readonly timings: Readonly<Record<"tokenization" | "inference" | "postprocessing" | "total", number>>;
}

function osName(): string {
  try {
    const text = readFileSync("/etc/os-release", "utf8");
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? process.platform;
  } catch {
    return process.platform;
  }
}

/** @param total milliseconds from the request to its result */
export function serverFacts(
  model: string,
  { timings, total }: { timings: Timings; total: number },
): ServerFacts {
  const { env } = process;
  const round = (milliseconds: number) => Math.round(milliseconds * 1000) / 1000;
  const { preprocessing, inference } = timings;
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    threads: threadCount(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE, availableParallelism()),
    architecture: process.arch === "x64" ? "x86_64" : process.arch,
    os: osName(),
    node: process.versions.node,
    function: env.AWS_LAMBDA_FUNCTION_NAME,
    version: env.AWS_LAMBDA_FUNCTION_VERSION,
    memory: Number(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE) || undefined,
    region: env.AWS_REGION,
    model,
    timings: {
      tokenization: round(preprocessing),
      inference: round(inference),
      postprocessing: round(Math.max(0, total - preprocessing - inference)),
      total: round(total),
    },
  };
}
