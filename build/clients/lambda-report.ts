/** What Lambda's REPORT line says of an invocation, in milliseconds: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html */
export interface Report {
  readonly duration: number;
  /** Of a new environment: its init, or its restore from a snapshot. Undefined for one that was warm. */
  readonly init: number | undefined;
}

const number = (text: string, pattern: RegExp): number | undefined => {
  const [, found] = pattern.exec(text) ?? [];
  return found === undefined ? undefined : Number(found);
};

/** Reads it from the end of a log, as text or as the JSON of `platform.report`; undefined where there is none. Pure. */
export function readReport(log: string): Report | undefined {
  const line = log
    .split("\n")
    .findLast((each) => each.startsWith("REPORT ") || each.includes('"platform.report"'));
  if (!line) return undefined;
  if (line.startsWith("{")) return fromJson(line);
  const duration = number(line, /\tDuration: ([\d.]+) ms/);
  if (duration === undefined) return undefined;
  return {
    duration,
    init: number(line, /\tInit Duration: ([\d.]+) ms/) ?? number(line, /\tRestore Duration: ([\d.]+) ms/),
  };
}

function fromJson(line: string): Report | undefined {
  try {
    const { metrics } = (JSON.parse(line) as { record: { metrics: Record<string, number> } }).record;
    const { durationMs, initDurationMs, restoreDurationMs } = metrics;
    if (durationMs === undefined) return undefined;
    return { duration: durationMs, init: initDurationMs ?? restoreDurationMs };
  } catch {
    return undefined;
  }
}
