import { join } from "node:path";
import { execa } from "execa";
import { TOOL_ROOT } from "../../build/tool-root.ts";

export interface Run {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Another copy of mkimage. */
  readonly root?: string;
}

/** The words that start the command line of the sources. */
export const startedAs = (args: readonly string[], root = TOOL_ROOT): string[] => [
  process.execPath,
  join(root, "build", "cli.ts"),
  ...args,
];

/** The command line of the sources, started in a process group of its own, as a terminal does. */
export function startMkimage(args: readonly string[], { cwd, env, root }: Run) {
  const [program = "", ...words] = startedAs(args, root);
  return execa(program, words, {
    cwd,
    env: { CI: "1", ...env },
    stdin: "ignore",
    reject: false,
    detached: true,
  });
}

export interface Finished {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line of the sources to its end, whatever that is. */
export async function mkimage(args: readonly string[], run: Run): Promise<Finished> {
  const { exitCode, stdout, stderr } = await startMkimage(args, run);
  return { exitCode, stdout, stderr };
}

/** The one JSON document that a successful command prints. */
export async function mkimageJson<T>(args: readonly string[], run: Run): Promise<T> {
  const { exitCode, stdout, stderr } = await mkimage([...args, "--json"], run);
  if (exitCode !== 0) throw new Error(`mkimage ${args.join(" ")} ended with ${exitCode}:\n${stderr}`);
  return JSON.parse(stdout) as T;
}
