import { join } from "node:path";
import { execa } from "execa";

const SCRIPTS = join(import.meta.dirname);

/** Megabytes that buy one CPU. */
const ONE_CPU = 1769;

/** Lambda's limits. */
const limits = (memory: number) => [
  ...["--user", "993:990", "--read-only", "--tmpfs", "/tmp:rw,nosuid,nodev,size=512m"],
  ...["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--network", "none"],
  ...["--memory", `${memory}m`, "--memory-swap", `${memory}m`],
  ...["--cpus", (memory / ONE_CPU).toFixed(2), "--pids-limit", "1024"],
];

interface ContainerOptions {
  /** Megabytes, and the share of a CPU that they buy. */
  readonly memory?: number;
  /** Folders of this machine by their place in the container. */
  readonly mounts?: Readonly<Record<string, string>>;
}

/** A container that stays up while programs are started in it, one at a time. */
export class BenchContainer {
  readonly #id: string;

  private constructor(id: string) {
    this.#id = id;
  }

  static async start(
    image: string,
    { memory = ONE_CPU, mounts = {} }: ContainerOptions = {},
  ): Promise<BenchContainer> {
    const folders = Object.entries({ "/bench": SCRIPTS, ...mounts }).flatMap(([target, source]) => [
      "--mount",
      `type=bind,source=${source},target=${target},readonly`,
    ]);
    const idle = ["--entrypoint", "/usr/local/bin/node", image, "--eval", "setInterval(() => {}, 1e6)"];
    const { stdout } = await execa("docker", [
      "run",
      "--detach",
      "--rm",
      ...limits(memory),
      ...folders,
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
