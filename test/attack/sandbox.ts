import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { docker } from "../support/engine.ts";
import type { Order } from "./lambda/order.ts";

const NODE = "/usr/local/bin/node";
const LAMBDA = join(import.meta.dirname, "lambda");

/** Lambda's user and limits, without its network. */
const limits = (memory: number) => [
  ...["--user", "993:990", "--read-only", "--tmpfs", "/tmp:rw,nosuid,nodev,size=512m"],
  ...["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--pids-limit", "1024"],
  ...["--memory", `${memory}m`, "--memory-swap", `${memory}m`],
];

const mount = (source: string, target: string) => [
  "--mount",
  `type=bind,source=${source},target=${target},readonly`,
];

export interface FunctionOptions {
  /** MB. */
  readonly memory: number;
  readonly model: string;
  readonly slots: number;
  /** Files of the model's folder with another content. */
  readonly files?: Readonly<Record<string, string>> | undefined;
}

type CarryOut = <T>(order: Order) => Promise<T>;

/**
 * Two containers that share a network of their own, loopback alone: in one the stand-in of Lambda, which lives on when a
 * function dies, and in the other a function with all of its memory to itself.
 */
export class Sandbox implements AsyncDisposable {
  readonly #image: string;
  readonly #name = `attack-${randomBytes(4).toString("hex")}`;
  readonly #lambda;
  readonly #lines: AsyncIterator<string>;

  private constructor(image: string) {
    this.#image = image;
    const program = ["--entrypoint", NODE, image, "/lambda/main.ts"];
    const own = ["--rm", "--interactive", "--name", this.#name, "--network", "none", ...limits(1024)];
    this.#lambda = execa("docker", ["run", ...own, ...mount(LAMBDA, "/lambda"), ...program], {
      buffer: false,
      reject: false,
      stderr: "inherit",
    });
    this.#lines = createInterface({ input: this.#lambda.stdout })[Symbol.asyncIterator]();
  }

  static async open(image: string): Promise<Sandbox> {
    const sandbox = new Sandbox(image);
    await sandbox.#line();
    return sandbox;
  }

  /** Starts a function afresh, hands `use` what makes Lambda carry out orders on it, and removes it. */
  async withFunction<R>(options: FunctionOptions, use: (carryOut: CarryOut) => Promise<R>): Promise<R> {
    const folder = await mkdtemp(join(tmpdir(), "mkimage-attack-"));
    const id = await this.#start(options, folder);
    try {
      return await use(async <T>(order: Order) => {
        this.#lambda.stdin.write(`${JSON.stringify(order)}\n`);
        const outcome = JSON.parse(await this.#line()) as T & { readonly broken?: string };
        if (outcome.broken === undefined) return outcome;
        throw new Error(`${outcome.broken}\n${await docker("logs", "--tail", "5", id)}`);
      });
    } finally {
      await docker("rm", "--force", "--volumes", id);
      await rm(folder, { recursive: true });
    }
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("the stand-in of Lambda has ended");
    return value;
  }

  async #start({ memory, model, slots, files = {} }: FunctionOptions, folder: string): Promise<string> {
    const env = {
      AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001",
      AWS_LAMBDA_FUNCTION_NAME: "attacked",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memory),
      ...(slots > 1 ? { AWS_LAMBDA_MAX_CONCURRENCY: String(slots) } : {}),
      ...{ AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "none", AWS_SECRET_ACCESS_KEY: "none" },
      AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9002",
      MKIMAGE_ALLOW_S3: "s3://pictures",
      MKIMAGE_MODEL: model,
    };
    const mounts: string[] = [];
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), content);
      mounts.push(...mount(join(folder, name), `/opt/models/${model}/${name}`));
    }
    const variables = Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    const shared = ["--network", `container:${this.#name}`, "--pid", `container:${this.#name}`];
    return docker("run", "--detach", ...shared, ...limits(memory), ...mounts, ...variables, this.#image);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lambda.stdin.end();
    await this.#lambda;
  }
}
