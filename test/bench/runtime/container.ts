import { join } from "node:path";
import { execa } from "execa";

const SCRIPTS = join(import.meta.dirname);

/** Lambda's limits for 1769 MB, which buy one CPU. */
const LIMITS = [
  ...["--user", "993:990", "--read-only", "--tmpfs", "/tmp:rw,nosuid,nodev,size=512m"],
  ...["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--network", "none"],
  ...["--memory", "1769m", "--memory-swap", "1769m", "--cpus", "1", "--pids-limit", "1024"],
];

/** A container that stays up while programs are started in it, one at a time. */
export class BenchContainer {
  readonly #id: string;

  private constructor(id: string) {
    this.#id = id;
  }

  static async start(image: string): Promise<BenchContainer> {
    const mount = `type=bind,source=${SCRIPTS},target=/bench,readonly`;
    const idle = ["--entrypoint", "/usr/local/bin/node", image, "--eval", "setInterval(() => {}, 1e6)"];
    const { stdout } = await execa("docker", [
      "run",
      "--detach",
      "--rm",
      ...LIMITS,
      "--mount",
      mount,
      ...idle,
    ]);
    return new BenchContainer(stdout.trim());
  }

  /** Runs a script of this folder with Node and gives what it prints, parsed. */
  async run<T>(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<T> {
    const variables = { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1769", ...env };
    const options = Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    const { stdout } = await execa("docker", ["exec", ...options, this.#id, "/usr/local/bin/node", ...args]);
    return JSON.parse(stdout) as T;
  }

  async remove(): Promise<void> {
    await execa("docker", ["rm", "--force", this.#id]);
  }
}
