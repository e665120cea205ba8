import { z } from "zod";

/** BuildKit's status stream, one JSON object a line, as `--progress=rawjson` prints it (moby/buildkit client.SolveStatus). */
const solveStatus = z.object({
  vertexes: z
    .array(
      z.object({
        digest: z.string(),
        name: z.string().default(""),
        started: z.string().optional(),
        completed: z.string().optional(),
        cached: z.boolean().default(false),
        error: z.string().default(""),
      }),
    )
    .nullish(),
  logs: z.array(z.object({ vertex: z.string(), data: z.string().default("") })).nullish(),
});

/** How many of a failing step's last lines are kept. */
const KEPT_LINES = 25;

/** A step of the build that failed: its name and its own last lines of output. */
export interface FailedStep {
  readonly name: string;
  readonly error: string;
  readonly lines: readonly string[];
}

/**
 * Reads BuildKit's status stream line by line: a plain line per finished step goes to `print`, and the output of a
 * failing step is kept for the error.
 */
export class ProgressReader {
  readonly #print: (line: string) => void;
  readonly #printed = new Set<string>();
  readonly #logs = new Map<string, string>();
  readonly #failures = new Map<string, { name: string; error: string }>();
  /** Lines that are not status objects: buildx's own messages. */
  readonly messages: string[] = [];

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  read(line: string): void {
    const status = parseStatus(line);
    if (!status) {
      if (line.trim()) this.messages.push(line);
      return;
    }
    for (const { vertex, data } of status.logs ?? []) {
      const text = (this.#logs.get(vertex) ?? "") + Buffer.from(data, "base64").toString("utf8");
      this.#logs.set(
        vertex,
        text
          .split("\n")
          .slice(-KEPT_LINES - 1)
          .join("\n"),
      );
    }
    for (const { digest, name, started, completed, cached, error } of status.vertexes ?? []) {
      if (!completed) continue;
      // A step that was interrupted because another one failed is not a failure of its own.
      if (error && !/context canceled|CANCELED/.test(error)) this.#failures.set(digest, { name, error });
      if (error || this.#printed.has(digest)) continue;
      this.#printed.add(digest);
      if (isForPeople(name))
        this.#print(`${inShort(name)} ${cached ? "(cached)" : took(started, completed)}`);
    }
  }

  /** The first step that failed, with its own last lines; undefined when the build failed outside of a step. */
  failure(): FailedStep | undefined {
    const [first] = this.#failures;
    if (!first) return undefined;
    const [digest, { name, error }] = first;
    return { name, error, lines: (this.#logs.get(digest) ?? "").trimEnd().split("\n").filter(Boolean) };
  }
}

/** BuildKit's bookkeeping (loading of definitions, joining of linked layers) is no step of the user's. */
const isForPeople = (name: string): boolean =>
  !/^\[(?:\S+ )?internal\] |\] LINK |^\[(?:\S+ )?context \S+\] load /.test(name);

/** Without what a step may read, the digest of what it starts from and the mark of a script. */
const inShort = (name: string): string =>
  name
    .slice(0, 2000)
    .replace(/(?: +--(?:mount|network)=\S+)+ +/g, " ")
    .replace(/@sha256:[0-9a-f]{64}/, "")
    .replace(/ <<\w+ \((.*)\)$/, " $1");

function parseStatus(line: string): z.output<typeof solveStatus> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return solveStatus.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function took(started: string | undefined, completed: string): string {
  const milliseconds = started ? Date.parse(completed) - Date.parse(started) : 0;
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
