import { setTimeout as delay } from "node:timers/promises";
import type { CloudWatchLogs, LogEvent, LogQuery } from "../clients/cloudwatch-logs.ts";

/** Milliseconds between two looks, and how late events may arrive that are older than those seen already. */
const PACE = 2000;
const LATE = 30_000;

/** What tells an event from others; emulators give no id. */
const keyOf = ({ id, stream, time, message }: LogEvent): string => id || `${stream} ${time} ${message}`;

/** What is read of a log, in the order of its events; one that is followed is looked at again and again, until it is aborted. */
export async function* readLog(
  logs: CloudWatchLogs,
  query: LogQuery,
  { follow, signal }: { readonly follow: boolean; readonly signal: AbortSignal },
): AsyncGenerator<LogEvent> {
  const seen = new Map<string, number>();
  for (let { since } = query; ; ) {
    const found: LogEvent[] = [];
    for await (const event of logs.events({ ...query, since }))
      if (!seen.has(keyOf(event))) found.push(event);
    for (const event of found.sort((a, b) => a.time - b.time)) {
      seen.set(keyOf(event), event.time);
      yield event;
    }
    if (!follow) return;
    since = Math.max(since, (found.at(-1)?.time ?? 0) - LATE);
    for (const [id, time] of seen) if (time < since) seen.delete(id);
    await delay(PACE, undefined, { signal });
  }
}
