import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const PROGRAM = "/var/task/index.mjs";

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** The function's process, which shares this container's table of processes. */
export class Program {
  readonly #pid: string;

  private constructor(pid: string) {
    this.#pid = pid;
  }

  static find(): Program | undefined {
    const isProgram = (pid: string) => read(`/proc/${pid}/cmdline`).split("\0").includes(PROGRAM);
    const pid = readdirSync("/proc").find((name) => /^\d+$/.test(name) && isProgram(name));
    return pid === undefined ? undefined : new Program(pid);
  }

  get isAlive(): boolean {
    return /^State:\s+[^ZX\s]/m.test(this.#status());
  }

  /** Resident memory now, in MB. */
  get resident(): number {
    return this.#megabytes("VmRSS");
  }

  /** The most that it has been since `forgetPeak`, in MB. */
  get peak(): number {
    return this.#megabytes("VmHWM");
  }

  /** https://docs.kernel.org/filesystems/proc.html: 5 resets the peak. */
  forgetPeak(): void {
    writeFileSync(`/proc/${this.#pid}/clear_refs`, "5");
  }

  kill(): void {
    process.kill(Number(this.#pid), "SIGKILL");
  }

  #status(): string {
    return read(`/proc/${this.#pid}/status`);
  }

  #megabytes(field: string): number {
    return Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(this.#status())?.[1] ?? 0) / 1024);
  }
}
