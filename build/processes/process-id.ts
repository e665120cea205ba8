import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { askAtOnce } from "./programs.ts";

/** A process that can be recognized later: a pid is reused sooner or later, together with the time of its start it is not. */
export interface ProcessId {
  readonly pid: number;
  /** When it was started: since the boot that is named, or as `ps` says it. */
  readonly started: string;
  /** Where pids mean the same processes: the host and, on Linux, the pid namespace. */
  readonly where: string;
}

const read = (path: string): string => readFileSync(path, "utf8");

/** Field 22 of /proc/PID/stat, in ticks since the boot; the name before it may hold spaces and parentheses. */
const ticksOf = (stat: string): string | undefined => stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];

function startOf(pid: number): string | undefined {
  try {
    if (process.platform !== "linux") {
      return askAtOnce("ps", ["-o", "lstart=", "-p", String(pid)]).trim();
    }
    const stat = read(`/proc/${pid}/stat`);
    const isZombie = stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
    return isZombie ? undefined : `${read("/proc/sys/kernel/random/boot_id").trim()} ${ticksOf(stat)}`;
  } catch {
    return undefined;
  }
}

const here = (): string =>
  process.platform === "linux" ? `${hostname()} ${readlinkSync("/proc/self/ns/pid")}` : hostname();

/** What a running process is recognized by; undefined when it has ended. */
export function identify(pid: number): ProcessId | undefined {
  const started = startOf(pid);
  return started ? { pid, started, where: here() } : undefined;
}

/** Whether a process runs; undefined where this machine cannot know. */
export function isRunning({ pid, started, where }: ProcessId): boolean | undefined {
  return where === here() ? startOf(pid) === started : undefined;
}
