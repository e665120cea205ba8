import { setTimeout as sleep } from "node:timers/promises";
import { isRecord } from "./record.ts";

/** Events without a request, by sender. */
const WAKING: readonly ((event: Readonly<Record<string, unknown>>) => boolean)[] = [
  // https://github.com/juanjoDiaz/serverless-plugin-warmup
  ({ source }) => source === "serverless-plugin-warmup",
  // https://github.com/jeremydaly/lambda-warmer, and others after it
  ({ warmer }) => warmer === true,
  // A rule or schedule of EventBridge without its own input.
  ({ source, "detail-type": type }) =>
    type === "Scheduled Event" && (source === "aws.events" || source === "aws.scheduler"),
  ({ Service, Event }) => Service === "Amazon S3" && Event === "s3:TestEvent",
];

/** Whether an event comes from a warm-up plug-in, a schedule or a test notification, without a request. */
export function carriesNoRequest(event: unknown): boolean {
  return isRecord(event) && !("inputs" in event) && WAKING.some((wakes) => wakes(event));
}

/**
 * Milliseconds to delay the reply to such an event. A plug-in sends one event per environment at the same time; an
 * environment that replied at once would get the next one as well.
 */
const BUSY_MS = 75;

export const stayBusy = (): Promise<void> => sleep(BUSY_MS);
