export const EVENT_STREAM = "text/event-stream";

export const DONE = "data: [DONE]\n\n";

/** A value as a server-sent event, `data:` and JSON, as text-generation-inference sends it. */
export const toEvent = (value: unknown): string => `data:${JSON.stringify(value)}\n\n`;

/** Values as server-sent events; strings are passed through, as complete events. */
export async function* toEvents(values: AsyncIterable<unknown>): AsyncGenerator<string, void> {
  for await (const value of values) yield typeof value === "string" ? value : toEvent(value);
}
