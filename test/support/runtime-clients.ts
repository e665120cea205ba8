import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { execa } from "execa";
import { docker } from "./engine.ts";

const image = execFileSync(join(import.meta.dirname, "../ric/up"), { encoding: "utf8" }).trim();

/** The two programs that speak the Runtime API, as the emulator starts them. */
const CLIENTS = { official: "/ric/index.mjs", own: "/own/own.mjs" } as const;
type Client = keyof typeof CLIENTS;

/** One invocation: its event, JSON or not, and what the caller sends beside it. */
export interface Call {
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the emulator answers. */
export interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

/** Lambda's limits, and no network: what is posted is posted from inside. */
const SANDBOX = [
  ...["--user", "993:990", "--read-only", "--tmpfs", "/tmp:rw,nosuid,nodev,size=512m", "--network", "none"],
  ...[
    "--cap-drop",
    "ALL",
    "--security-opt",
    "no-new-privileges",
    "--memory",
    "1769m",
    "--pids-limit",
    "1024",
  ],
];

/** What Lambda sets and the emulator does not; the official client insists on it. */
const ENV = {
  LAMBDA_TASK_ROOT: "/var/task",
  AWS_LAMBDA_LOG_GROUP_NAME: "group",
  AWS_LAMBDA_LOG_STREAM_NAME: "stream",
  AWS_LAMBDA_FUNCTION_TIMEOUT: "30",
};

export interface Run {
  /** A file of test/ric/functions. */
  readonly file: string;
  readonly calls: readonly Call[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Sends calls, one after the other, to a function under each client in a container of its own. */
export async function bothReply(run: Run): Promise<Record<Client, Reply[]>> {
  const [official, own] = await Promise.all([replies("official", run), replies("own", run)]);
  return { official, own };
}

async function replies(client: Client, { file, calls, env = {} }: Run): Promise<Reply[]> {
  const variables = Object.entries({ ...ENV, ...env }).flatMap((entry) => ["--env", entry.join("=")]);
  const program = [image, CLIENTS[client], `${file}.handler`];
  const id = await docker("run", "--detach", ...SANDBOX, ...variables, ...program);
  try {
    const call = ["exec", "--interactive", id, "/usr/local/bin/node", "/var/task/call.mjs"];
    const { stdout } = await execa("docker", call, { input: JSON.stringify(calls), maxBuffer: 2 ** 28 });
    return JSON.parse(stdout) as Reply[];
  } finally {
    await docker("rm", "--force", "--volumes", id);
  }
}
