/**
 * What Lambda says of an invocation in the log, in milliseconds and MB:
 * https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-report
 */
export interface Report {
  readonly duration: number;
  /** Of a new environment: its init, or its restore from a snapshot. Undefined for one that was warm. */
  readonly init: number | undefined;
  /** Whether the environment was restored from a snapshot. */
  readonly restored: boolean;
  /** With init, or the billed part of a restore. */
  readonly billed: number | undefined;
  readonly maxMemoryMB: number | undefined;
  /** `timeout`, `error`, `failure`; undefined where it went well. */
  readonly status: string | undefined;
  readonly errorType: string | undefined;
}

/** What it says of an init or a restore on its own: of one that failed, and of every one in the JSON format. */
export interface StartReport {
  readonly kind: "init" | "restore";
  readonly duration: number;
  /** Of an init: `init`, or `invoke` for one that was begun again within an invocation. */
  readonly phase: string | undefined;
  readonly status: string | undefined;
  readonly errorType: string | undefined;
}

/** A line of the log, its fields under the names of the JSON format. */
interface Line {
  readonly kind: "report" | "init" | "restore";
  readonly fields: Readonly<Record<string, string | number | undefined>>;
}

/** The lines of the text format, and of the JSON format. */
const TEXT_KINDS = { REPORT: "report", INIT_REPORT: "init", RESTORE_REPORT: "restore" } as const;
const JSON_KINDS = {
  "platform.report": "report",
  "platform.initReport": "init",
  "platform.restoreReport": "restore",
} as const;

/** The fields of the text format by their names in the JSON format. */
const NAMES: Readonly<Record<string, string>> = {
  Duration: "durationMs",
  "Billed Duration": "billedDurationMs",
  "Max Memory Used": "maxMemoryUsedMB",
  "Init Duration": "initDurationMs",
  "Restore Duration": "restoreDurationMs",
  Phase: "phase",
  Status: "status",
  "Error Type": "errorType",
};

function textLine(line: string): Line | undefined {
  const [, name = "", rest = ""] = /^((?:INIT_|RESTORE_)?REPORT) (.*)$/.exec(line) ?? [];
  const kind = TEXT_KINDS[name as keyof typeof TEXT_KINDS];
  if (!kind) return undefined;
  const fields = rest.split("\t").map((field) => {
    const [title = "", value = ""] = field.split(": ");
    return [NAMES[title.trim()] ?? title, value.trim().replace(/ (?:ms|MB)$/, "")];
  });
  return { kind, fields: Object.fromEntries(fields) };
}

function jsonLine(line: string): Line | undefined {
  if (!line.startsWith("{") || !line.includes('"platform.')) return undefined;
  try {
    const { type, record } = JSON.parse(line) as {
      type: string;
      record: { metrics?: Record<string, number> } & Record<string, string>;
    };
    const kind = JSON_KINDS[type as keyof typeof JSON_KINDS];
    return kind && { kind, fields: { ...record, ...record.metrics } as Line["fields"] };
  } catch {
    return undefined;
  }
}

const linesOf = (log: string): Line[] =>
  log
    .split("\n")
    .map((line) => textLine(line) ?? jsonLine(line))
    .filter((line) => line !== undefined);

const number = (value: string | number | undefined): number | undefined =>
  value === undefined || value === "" || Number.isNaN(Number(value)) ? undefined : Number(value);

const text = (value: string | number | undefined): string | undefined => value?.toString() || undefined;

const failure = (status: string | number | undefined): string | undefined =>
  status === "success" ? undefined : text(status);

/** Reads it from the end of a log, as text or as the JSON of `platform.report`; undefined where there is none. Pure. */
export function readReport(log: string): Report | undefined {
  const fields = linesOf(log).findLast(({ kind }) => kind === "report")?.fields;
  const duration = number(fields?.["durationMs"]);
  if (!fields || duration === undefined) return undefined;
  const restore = number(fields["restoreDurationMs"]);
  return {
    duration,
    init: number(fields["initDurationMs"]) ?? restore,
    restored: restore !== undefined,
    billed: number(fields["billedDurationMs"]),
    maxMemoryMB: number(fields["maxMemoryUsedMB"]),
    status: failure(fields["status"]),
    errorType: text(fields["errorType"]),
  };
}

/** The reports of inits and restores in a log, the oldest first. Pure. */
export function readStarts(log: string): StartReport[] {
  return linesOf(log).flatMap(({ kind, fields }) => {
    if (kind === "report") return [];
    const duration =
      number(fields["durationMs"]) ??
      number(fields[kind === "init" ? "initDurationMs" : "restoreDurationMs"]);
    if (duration === undefined) return [];
    return [
      {
        kind,
        duration,
        phase: text(fields["phase"]),
        status: failure(fields["status"]),
        errorType: text(fields["errorType"]),
      },
    ];
  });
}
