import { setTimeout as sleep } from "node:timers/promises";
import { isRecord } from "./record.ts";

/** Events that only wake the function, by who sends them. */
const WAKING: readonly ((event: Readonly<Record<string, unknown>>) => boolean)[] = [
  // https://github.com/juanjoDiaz/serverless-plugin-warmup
  ({ source }) => source === "serverless-plugin-warmup",
  // https://github.com/jeremydaly/lambda-warmer, and others after it
  ({ warmer }) => warmer === true,
  // A rule of EventBridge or an EventBridge schedule without an input of its own.
  ({ source, "detail-type": type }) =>
    type === "Scheduled Event" && (source === "aws.events" || source === "aws.scheduler"),
  // What S3 sends when notifications are set up.
  ({ Service, Event }) => Service === "Amazon S3" && Event === "s3:TestEvent",
];

/** Whether an event carries no request, since a warm-up plug-in or a schedule has sent it. */
export function carriesNoRequest(event: unknown): boolean {
  return isRecord(event) && !("inputs" in event) && WAKING.some((wakes) => wakes(event));
}

/**
 * Milliseconds that such an event keeps its environment busy. A plug-in sends as many at once as environments are to be
 * warm; one that answered at once would be given the next of them.
 */
const BUSY_MS = 75;

export const stayBusy = (): Promise<void> => sleep(BUSY_MS);
