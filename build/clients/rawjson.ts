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
  statuses: z
    .array(
      z.object({
        id: z.string(),
        vertex: z.string(),
        current: z.number().default(0),
        total: z.number().default(0),
        completed: z.string().optional(),
      }),
    )
    .nullish(),
  logs: z.array(z.object({ vertex: z.string(), data: z.string().default("") })).nullish(),
});

/** A step of the build. The same one is told by every target that needs it, each time with that target's name. */
export interface Step {
  readonly digest: string;
  /** `[target stage 2/4] RUN npm ci` */
  readonly name: string;
  /** Milliseconds since 1970, by the builder's clock; undefined before it starts. */
  readonly started: number | undefined;
  readonly completed: number | undefined;
  readonly cached: boolean;
  /** Empty for one that has not failed, also for one that was interrupted because another one failed. */
  readonly error: string;
}

/** What a step moves: bytes of a layer that is pulled or pushed. */
export interface Transfer {
  readonly step: string;
  readonly id: string;
  readonly current: number;
  /** 0 where it is not known. */
  readonly total: number;
}

/** One message of the builder. */
export interface BuildStatus {
  readonly steps: readonly Step[];
  readonly transfers: readonly Transfer[];
  readonly output: readonly { readonly step: string; readonly text: string }[];
}

/** How many of a failing step's last lines are kept. */
const KEPT_LINES = 25;

/** A step of the build that failed: its name and its own last lines of output. */
export interface FailedStep {
  readonly name: string;
  readonly error: string;
  readonly lines: readonly string[];
}

const timeOf = (text: string | undefined): number | undefined => (text ? Date.parse(text) : undefined);

/** Reads BuildKit's status stream line by line, and keeps the output of a failing step for the error. */
export class StatusReader {
  readonly #listen: (status: BuildStatus) => void;
  readonly #logs = new Map<string, string>();
  readonly #failures = new Map<string, { name: string; error: string }>();
  /** Lines that are not status objects: buildx's own messages. */
  readonly messages: string[] = [];

  constructor(listen: (status: BuildStatus) => void) {
    this.#listen = listen;
  }

  read(line: string): void {
    const status = parseStatus(line);
    if (!status) {
      if (line.trim()) this.messages.push(line);
      return;
    }
    for (const { step, text } of status.output) this.#keep(step, text);
    for (const { digest, name, completed, error } of status.steps)
      if (completed && error) this.#failures.set(digest, { name, error });
    this.#listen(status);
  }

  #keep(step: string, text: string): void {
    const lines = `${this.#logs.get(step) ?? ""}${text}`.split("\n");
    this.#logs.set(step, lines.slice(-KEPT_LINES - 1).join("\n"));
  }

  /** The first step that failed, with its own last lines; undefined when the build failed outside of a step. */
  failure(): FailedStep | undefined {
    const [first] = this.#failures;
    if (!first) return undefined;
    const [digest, { name, error }] = first;
    return { name, error, lines: (this.#logs.get(digest) ?? "").trimEnd().split("\n").filter(Boolean) };
  }
}

/** A step that was interrupted because another one failed is not a failure of its own. */
const isInterrupted = (error: string): boolean => /context canceled|CANCELED/.test(error);

function parseStatus(line: string): BuildStatus | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const status = solveStatus.safeParse(JSON.parse(line)).data;
    if (!status) return undefined;
    const { vertexes, statuses, logs } = status;
    return {
      steps: (vertexes ?? []).map(({ started, completed, error, ...step }) => ({
        ...step,
        started: timeOf(started),
        completed: timeOf(completed),
        error: isInterrupted(error) ? "" : error,
      })),
      transfers: (statuses ?? []).map(({ vertex, ...transfer }) => ({ step: vertex, ...transfer })),
      output: (logs ?? []).map(({ vertex, data }) => ({
        step: vertex,
        text: Buffer.from(data, "base64").toString("utf8"),
      })),
    };
  } catch {
    return undefined;
  }
}
